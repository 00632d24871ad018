/** `npm run schema`: writes testbed.schema.json, which a test compares with what the package would write. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { schemaFile, schemaText } from './testbed-schema-file';

void writeFileSync(join(__dirname, '..', '..', '..', schemaFile), schemaText());
