// What plain HTML cannot do: keep a draft, and keep sending until there is a receipt.
(function () {
  var WEEK = 7 * 864e5, YEAR = 366 * 864e5;
  var tablet = false, draftKey = 'draft:' + location.pathname, receiptKey = 'receipt:' + location.pathname;

  function keep(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); return true; } catch (e) { return false; }
  }
  function erase(key) { try { localStorage.removeItem(key); } catch (e) { } }
  function kept(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch (e) { return null; }
  }
  function sweep() {
    try {
      Object.keys(localStorage).forEach(function (key) {
        var age = /^draft:/.test(key) ? WEEK : /^receipt:/.test(key) ? YEAR : 0;
        var one = age && kept(key);
        if (age && !(one && Date.now() - one.at < age)) erase(key);
      });
    } catch (e) { }
  }
  function each(list, act) { Array.prototype.forEach.call(list, act); }
  function encode(fields) {
    return fields.map(function (one) {
      return encodeURIComponent(one[0]) + '=' + encodeURIComponent(one[1]);
    }).join('&');
  }

  // One try after another until the server has answered; only a refusal ends it without a receipt.
  function send(fields, say) {
    var wait = 1000, timer;
    function again(seconds) {
      say('retrying');
      timer = setTimeout(once, Math.max(wait, 1000 * (seconds || 0)) * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, 30000);
    }
    function once() {
      clearTimeout(timer);
      window.removeEventListener('online', once);
      window.addEventListener('online', once);
      var call = new XMLHttpRequest();
      call.open('POST', location.pathname + location.search);
      call.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
      call.timeout = 20000;
      call.onerror = call.ontimeout = function () { again(); };
      call.onload = function () {
        if (call.status === 429 || call.status >= 500) return again(+call.getResponseHeader('Retry-After'));
        var receipt = call.status === 200 && /\/r\/[^/]+$/.test(call.responseURL);
        // Neither a receipt nor a refusal: cut short on the way, or the sign-in page of a hotel's network.
        if (call.status < 400 && !receipt && call.responseURL) return again();
        window.removeEventListener('online', once);
        if (receipt) return arrived(call.responseURL);
        refused(call.responseText);
      };
      call.send(encode(fields));
    }
    once();
  }
  // The next person at a tablet starts in the tablet's language, whatever the last one chose.
  function home() { return location.pathname + '?channel=tablet'; }
  function arrived(address) {
    erase(draftKey);
    if (tablet) try { sessionStorage.setItem('fresh', home()); } catch (e) { }
    else keep(receiptKey, { at: Date.now(), url: address });
    location.replace(address);
  }
  function refused(html) {
    var draft = kept(draftKey);
    if (draft) { draft.pending = false; keep(draftKey, draft); }
    document.open(); document.write(html); document.close();
  }

  function formPage() {
    var form = document.forms[0], main = document.querySelector('main'), busy = false, saved = false;
    var state = document.getElementById('state'), bar = document.querySelector('.line i');
    var errors = document.getElementById('errors'), canHas = false;
    try { canHas = CSS.supports('selector(:has(*))'); } catch (e) { }

    function all(selector) { return form.querySelectorAll(selector); }
    function say(name) {
      state.className = name === 'retrying' ? 'alarm' : '';
      state.textContent = form.dataset[name];
    }
    function fields() {
      var list = [];
      each(form.elements, function (one) {
        if (!one.name || (/radio|checkbox/.test(one.type) && !one.checked)) return;
        list.push([one.name, one.value]);
      });
      return list;
    }
    function restore(list) {
      each(form.elements, function (one) {
        if (/radio|checkbox/.test(one.type)) one.checked = false;
      });
      list.forEach(function (pair) {
        each(form.elements, function (one) {
          if (one.name !== pair[0]) return;
          if (!/radio|checkbox/.test(one.type)) one.value = pair[1];
          else if (one.value === pair[1]) one.checked = true;
        });
      });
      each(all('details'), function (one) { one.open = !!one.querySelector(':checked'); });
    }
    function show() {
      var chosen = 0, done = 0;
      each(all('.dep'), function (card, i) {
        var on = document.getElementById('d' + i).checked;
        chosen += on;
        done += on && !!card.querySelector('.overall :checked');
        if (!canHas) {
          card.hidden = !on;
          card.querySelector('.why').hidden = !card.querySelector('.g1 :checked,.g2 :checked');
        }
      });
      if (!canHas) {
        var help = !!form.querySelector('[value=help]:checked,[value=integrity]:checked');
        form.querySelector('.more').hidden = !(help || form.text.value || form.querySelector('[name=kind]:checked'));
        form.querySelector('.contact').hidden = !help;
      }
      var none = form.querySelector('.none input').checked;
      bar.style.width = (none && !chosen ? 1 : chosen ? done / chosen : 0) * 100 + '%';
      if (busy) return;
      var line = chosen ? form.dataset.progress.replace('{done}', done).replace('{chosen}', chosen) : '';
      say('start');
      var parts = [line, saved ? form.dataset.saved : ''].filter(Boolean);
      if (parts.length) state.textContent = parts.join(' · ');
    }
    function save(pending) {
      if (!tablet) saved = keep(draftKey, { at: Date.now(), pending: pending, fields: fields() });
    }
    function start() {
      busy = true;
      form.classList.add('busy');
      main.inert = true;
      say('sending');
      save(true);
      send(fields(), say);
    }

    form.addEventListener('change', function (event) {
      var one = event.target;
      if (one.name === 'd' && one.checked) each(form.d, function (other) {
        if ((other.value === 'none') !== (one.value === 'none')) other.checked = false;
      });
    });
    ['change', 'input'].forEach(function (name) {
      form.addEventListener(name, function () { if (!busy) { save(false); show(); } });
    });
    form.addEventListener('submit', function (event) {
      event.preventDefault();
      if (!busy) start();
    });
    window.addEventListener('pageshow', function (event) { if (event.persisted) location.reload(); });

    var draft = !tablet && !errors && kept(draftKey);
    if (draft) { restore(draft.fields); saved = true; }
    if (tablet) resetWhenLeft(function () { return busy; });
    // Text enlarged by the phone itself does not change the page's width, so no media query sees it.
    var word = document.createElement('span');
    word.style.cssText = 'position:absolute;visibility:hidden';
    word.textContent = '\u6ee1\u6ee1\u6ee1';
    document.body.appendChild(word);
    if (word.offsetWidth > 56) form.classList.add('tall');
    document.body.removeChild(word);
    show();
    if (errors) errors.focus();
    if (draft && draft.pending) start();
  }

  // A hall tablet that somebody left half-way must not show their answers to the next person.
  function resetWhenLeft(busy) {
    var timer;
    function wait() {
      clearTimeout(timer);
      timer = setTimeout(function () {
        if (busy()) return wait();
        document.forms[0].reset();
        location.replace(home());
      }, 120000);
    }
    ['touchstart', 'keydown', 'mousedown', 'scroll'].forEach(function (name) {
      document.addEventListener(name, wait, { passive: true });
    });
  }

  function noticePage() {
    var state = document.getElementById('state'), mine = document.getElementById('mine');
    var typed = document.getElementById('typed'), receipt = kept(receiptKey), draft = kept(draftKey);
    if (receipt && /^https?:/.test(receipt.url)) {
      mine.querySelector('a').href = receipt.url;
      mine.hidden = false;
    }
    document.querySelector('h1').focus();
    window.scrollTo(0, 0);
    if (tablet) return;
    if (draft && draft.pending) {
      state.textContent = state.dataset.finding;
      send(draft.fields, function (name) { if (name === 'retrying') state.textContent = state.dataset.retrying; });
    }
    if (draft && !typed.value) {
      typed.value = draft.fields.filter(function (one) {
        return /^(t\..*|text|contact)$/.test(one[0]) && one[1];
      }).map(function (one) { return one[1]; }).join('\n');
      typed.parentNode.hidden = !typed.value;
    }
  }

  function receiptPage() {
    var fresh = null, seconds = 8;
    try { fresh = tablet && sessionStorage.getItem('fresh'); } catch (e) { }
    if (!fresh) return;
    var line = document.querySelector('.again'), link = document.getElementById('again');
    link.href = fresh;
    link.parentNode.hidden = false;
    link.addEventListener('click', function (event) { event.preventDefault(); location.replace(fresh); });
    (function tick() {
      line.textContent = line.dataset.again.replace('{seconds}', seconds);
      if (seconds-- > 0) setTimeout(tick, 1000); else location.replace(fresh);
    })();
  }

  document.addEventListener('DOMContentLoaded', function () {
    var about = document.body.dataset;
    tablet = 'tablet' in about;
    sweep();
    ({ form: formPage, notice: noticePage, receipt: receiptPage })[about.page]();
  });
})();
