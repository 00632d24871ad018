import { reportJsonSchema } from '../../src/report/report';

export const reportSchemaFile = 'report.schema.json';

/** The published JSON Schema of report.json, as it stands in the repository. */
export function reportSchemaText(): string {
  return `${JSON.stringify(reportJsonSchema(), undefined, 2)}\n`;
}
