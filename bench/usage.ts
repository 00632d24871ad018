/** Loaded into a measured process before its program: tells on file descriptor 3 what it used, when it ends. */
import { tellUsage } from './tell-usage';

process.once('exit', () => tellUsage());
