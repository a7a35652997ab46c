// Runs before everything else, in any browser ever made: nothing newer than ES5 here. The pages need Chromium 94,
// Firefox 93 or Safari 16.4; anything older would stay blank, so it is shown a plain page instead.
(function () {
  var root = window;

  function able() {
    try {
      new RegExp('(?<=a)b'); // Safari learned this together with class static blocks, which no script may probe
      return 'noModule' in document.createElement('script') &&
        typeof Object.hasOwn === 'function' && typeof ''.replaceAll === 'function' &&
        typeof Promise.allSettled === 'function' && typeof root.AbortController === 'function' &&
        typeof root.WebSocket === 'function' && typeof root.ResizeObserver === 'function';
    } catch (e) { return false; }
  }
  function give_up() { root.location.replace('/old-browser'); }

  if (!able()) return give_up();

  // Small enough to be brought along: without them Chromium 94 to 111, so all of Windows 7, would be shut out.
  if (!AbortSignal.timeout) {
    AbortSignal.timeout = function (milliseconds) {
      var control = new AbortController();
      setTimeout(function () { control.abort(); }, milliseconds);
      return control.signal;
    };
  }
  if (!Array.prototype.toSorted) {
    Object.defineProperty(Array.prototype, 'toSorted', {
      configurable: true, writable: true, value: function (compare) { return this.slice().sort(compare); }
    });
  }

  // Flag v, which Chromium has since 112: what the pages write with it means the same with u.
  try { new RegExp('', 'v'); } catch (e) {
    var Real = RegExp;
    root.RegExp = function RegExp(source, flags) {
      var args = flags === undefined ? [source] : [source, String(flags).replace('v', 'u')];
      return this instanceof Real ? Reflect.construct(Real, args, this.constructor) : Real.apply(null, args);
    };
    Object.setPrototypeOf(root.RegExp, Real);
    root.RegExp.prototype = Real.prototype;
  }

  // Whatever was not foreseen: a script that cannot be read or run, and still nothing on the page.
  var failed = false;
  root.addEventListener('error', function (event) {
    if (failed || !event.message) return; // a file that did not come is the network's fault
    failed = true;
    setTimeout(function () { if (document.querySelector('.opening')) give_up(); }, 4000);
  });
})();
