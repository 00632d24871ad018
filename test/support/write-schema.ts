/** `npm run schema`: writes the published JSON Schemas, which tests compare with what the package would write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchemaFile, reportSchemaText } from './report-schema-file';
import { schemaFile, schemaText } from './testbed-schema-file';

const root = join(__dirname, '..', '..', '..');
writeFileSync(join(root, schemaFile), schemaText());
writeFileSync(join(root, reportSchemaFile), reportSchemaText());
