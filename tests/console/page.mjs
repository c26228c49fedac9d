// The console in Chromium, as a person uses it.
//
//   page.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS SCREENSHOTS
//
// Screenshots of every view, in both colour schemes and at two widths, are left in SCREENSHOTS. Ends with 77 where there is
// no Chromium. CONSOLE_CASE runs only the cases whose names hold it; CONSOLE_LOOK=phone runs them on 360 dark
// pixels instead of 1280 light ones.
import { runAll } from './harness.mjs';
import './cases/tools.mjs';
import './cases/forms.mjs';
import './cases/offers.mjs';
import './cases/operate.mjs';
import './cases/wire.mjs';
import './cases/login.mjs';
import './cases/oauth.mjs';
import './cases/views.mjs';
import './cases/demos.mjs';
if (!process.env.CONSOLE_LOOK) await import('./cases/looks.mjs'); // has every look by itself

await runAll();
