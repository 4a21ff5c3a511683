// What an open popover holds stands at the end of the page. The Tab key leads into it from the
// button that opened it, and on from there to what comes after the button.
const STOPS = 'a[href], button, input, select, textarea, summary, [tabindex]';
const OPENER = '[data-testid="stPopover"] button[aria-expanded="true"]';

const stops = (root) =>
  [...root.querySelectorAll(STOPS)].filter(
    (one) => one.tabIndex >= 0 && !one.disabled && one.checkVisibility(),
  );

function next(at, back) {
  const button = document.querySelector(OPENER);
  const body = document.querySelector('[data-testid="stPopoverBody"]');
  const inside = button && body ? stops(body) : [];
  if (!inside.length) return null;
  if (at === button) return back ? null : inside[0];
  if (!body.contains(at)) return null;
  if (back) return at === inside[0] ? button : null;
  if (at !== inside.at(-1)) return null;
  const all = stops(document).filter((one) => !body.contains(one));
  return all[all.indexOf(button) + 1] ?? null;
}

// Once for the page: this file is read anew with every run that makes the component.
document.tcoKeys ??= document.addEventListener(
  'keydown',
  (event) => {
    if (event.key !== 'Tab' || event.altKey || event.ctrlKey || event.metaKey) return;
    const found = next(document.activeElement, event.shiftKey);
    if (!found) return;
    event.preventDefault();
    found.focus();
  },
  true,
) ?? true;
