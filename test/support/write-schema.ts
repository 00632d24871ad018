/** `npm run schema`: writes what is made from schemas: the published JSON Schemas, and the types of a host. Tests compare them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportSchemaFile, reportSchemaText } from './report-schema-file';
import { schemaFile, testbedSchemaFile } from './testbed-schema-file';
import { typesFiles } from './types-files';

const root = join(__dirname, '..', '..', '..');
for (const { file, text } of typesFiles()) writeFileSync(join(root, file), text);
writeFileSync(join(root, schemaFile), testbedSchemaFile());
writeFileSync(join(root, reportSchemaFile), reportSchemaText());
