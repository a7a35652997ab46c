// What plain HTML cannot do: keep a draft, and keep sending until there is a receipt.
(function () {
  var WEEK = 7 * 864e5, YEAR = 366 * 864e5;
  var about, tablet, own, draftKey = 'draft:' + location.pathname, receiptKey = 'receipt:' + location.pathname;

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
  function find(id) { return document.getElementById(id); }

  // --- whose it is: a phone goes from hand to hand, a tab seldom does ---
  function idOf(fields) {
    return fields.filter(function (one) { return one[0] === 'sid'; }).map(function (one) { return one[1]; })[0];
  }
  function sit(fields) { try { sessionStorage.setItem('sitting', idOf(fields)); } catch (e) { } }
  // What was typed at a code on the wall comes back by itself only in the tab it was typed in.
  function mine(draft) {
    try { return own || sessionStorage.getItem('sitting') === idOf(draft.fields); } catch (e) { return own; }
  }
  function note(id, name, buttons) {
    var box = find(id);
    box.hidden = false;
    box.querySelector('p').textContent = box.dataset[name];
    each(box.querySelectorAll('button'), function (one) {
      one.hidden = !buttons || !buttons[one.name];
      one.onclick = buttons && buttons[one.name];
    });
  }
  // A receipt says which wave it is of: its first 32 bits, as letters of five.
  function waveOf(url) {
    var letters = (/\/r\/([a-z2-7]{7})/.exec(url) || '')[1];
    return letters && letters.split('').reduce(function (sum, one) {
      return sum * 32 + 'abcdefghijklmnopqrstuvwxyz234567'.indexOf(one);
    }, 0) / 8 | 0;
  }
  // The newest receipt that this phone holds of a wave.
  function held(wave) {
    var found = null;
    try {
      Object.keys(localStorage).forEach(function (key) {
        var one = /^receipt:/.test(key) && kept(key);
        if (one && waveOf(one.url) === wave && !(found && found.at > one.at)) found = one;
      });
    } catch (e) { }
    return found;
  }
  function fieldsOf(form) {
    var list = [];
    each(form.elements, function (one) {
      if (!one.name || one.type === 'button' || (/radio|checkbox/.test(one.type) && !one.checked)) return;
      list.push([one.name, one.value]);
    });
    return list;
  }
  function encode(fields) {
    return fields.map(function (one) {
      return encodeURIComponent(one[0]) + '=' + encodeURIComponent(one[1]);
    }).join('&');
  }

  // One try after another until the server has answered; only a refusal ends it without a receipt.
  function send(fields, say, quietly) {
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
        if (receipt) return arrived(call.responseURL, fields, quietly);
        refused(call.responseText, fields, quietly);
      };
      call.send(encode(fields));
    }
    once();
  }
  // The next person at a tablet starts in the tablet's language, whatever the last one chose.
  function home() { return location.pathname + '?channel=tablet'; }
  function draftOf(fields) {
    var draft = kept(draftKey);
    return draft && idOf(draft.fields) === idOf(fields) ? draft : null;
  }
  function arrived(address, fields, quietly) {
    if (draftOf(fields)) erase(draftKey);
    if (tablet) try { sessionStorage.setItem('fresh', home()); } catch (e) { }
    else if (waveOf(address)) keep(receiptKey, { at: Date.now(), url: address });
    if (quietly) quietly(address); else location.replace(address);
  }
  function refused(html, fields, quietly) {
    var draft = draftOf(fields);
    if (draft) { draft.pending = false; keep(draftKey, draft); }
    if (quietly) return quietly();
    document.open(); document.write(html); document.close();
  }

  function formPage() {
    var form = document.forms[0], main = document.querySelector('main'), busy = false, saved = false;
    var state = find('state'), waits = false, bar = document.querySelector('.line i');
    var errors = find('errors'), canHas = false;
    try { canHas = CSS.supports('selector(:has(*))'); } catch (e) { }

    function all(selector) { return form.querySelectorAll(selector); }
    function say(name) {
      state.className = name === 'retrying' ? 'alarm' : '';
      state.textContent = form.dataset[name];
    }
    function fields() { return fieldsOf(form); }
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
        var on = find('d' + i).checked;
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
      if (tablet || waits) return;
      saved = keep(draftKey, { at: Date.now(), pending: pending, fields: fields() });
      if (saved) sit(fields());
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

    // --- what this phone still holds ---
    function clear() { erase(draftKey); location.reload(); }
    function resume(draft) {
      restore(draft.fields);
      sit(draft.fields);
      saved = true;
      waits = false;
      note('kept', 'restored', { clear: clear });
      show();
    }
    function look() {
      var draft = kept(draftKey);
      waits = !!draft && !mine(draft);
      if (!draft) return;
      if (!waits) return resume(draft);
      if (!draft.pending) return note('kept', 'found', { resume: function () { resume(draft); }, clear: clear });
      // Somebody pressed send and put the phone away: send it, and show the next person nothing of it.
      note('kept', 'passing');
      send(draft.fields, function () { }, function (address) {
        if (!address) return look();
        waits = false;
        find('kept').hidden = true;
        tell();
      });
    }
    function tell() {
      var receipt = held(+about.wave), link = find('done').querySelector('a');
      if (!receipt) return;
      link.href = receipt.url;
      note('done', 'done');
    }
    if (find('kept')) {
      tell();
      window.addEventListener('storage', function (event) {
        var before = event.key === draftKey && !event.newValue && event.oldValue;
        // Sent, or cleared, in another tab: what stands here in the same words goes too.
        if (!busy && before && JSON.stringify(JSON.parse(before).fields) === JSON.stringify(fields())) location.reload();
        else tell();
      });
    }
    if (find('kept') && !errors) look();
    var draft = saved && kept(draftKey);
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
        each(document.forms, function (one) { one.reset(); });
        location.replace(home());
      }, 120000);
    }
    ['touchstart', 'keydown', 'mousedown', 'scroll'].forEach(function (name) {
      document.addEventListener(name, wait, { passive: true });
    });
  }

  function noticePage() {
    var state = find('state'), typed = find('typed'), draft = kept(draftKey), again = document.forms[0];
    var link = find('mine').querySelector('a'), given = waveOf(link.href), receipt = kept(receiptKey);
    function say(name) { state.textContent = state.dataset[name] || ''; }
    function clear() { erase(draftKey); typed.value = ''; find('words').hidden = find('kept').hidden = true; }
    function fill() {
      typed.value = draft.fields.filter(function (one) {
        return /^(t\..*|text|contact)$/.test(one[0]) && one[1];
      }).map(function (one) { return one[1]; }).join('\n');
      find('words').hidden = !typed.value;
      if (typed.value) note('kept', 'restored', { clear: clear });
    }
    function show(url) {
      if (given || !/^https?:/.test(url)) return;
      link.href = url;
      find('mine').hidden = false;
    }
    if (receipt) show(receipt.url);
    document.querySelector('h1').focus();
    window.scrollTo(0, 0);
    if (again) again.addEventListener('submit', function (event) {
      var fields = fieldsOf(again);
      event.preventDefault();
      if (again.className) return;
      again.className = 'busy';
      if (!tablet && keep(draftKey, { at: Date.now(), pending: true, fields: fields })) sit(fields);
      say('sending');
      send(fields, say);
    });
    if (tablet) return resetWhenLeft(function () { return again && again.className; });
    if (given) keep(receiptKey, { at: Date.now(), url: link.href });
    if (!draft) return;
    if (draft.pending) {
      say('finding');
      send(draft.fields, function (name) { if (name === 'retrying') say(name); }, mine(draft) ? null : function (address) {
        say('');
        show(address);
      });
    }
    if (typed.value) return;
    if (mine(draft)) fill();
    else if (!draft.pending) note('kept', 'found', { resume: fill, clear: clear });
  }

  // Where this phone has put the receipt that it shows.
  function receipts() {
    try {
      return Object.keys(localStorage).filter(function (key) {
        var one = /^receipt:/.test(key) && kept(key);
        return one && String(one.url).indexOf(location.pathname) > 0;
      });
    } catch (e) { return []; }
  }
  function receiptPage() {
    var fresh = null, seconds = 8, forget = find('forget');
    erase(draftKey);  // an old browser was given the receipt at the address of its form
    if (forget && receipts().length) {
      forget.hidden = false;
      forget.querySelector('button').onclick = function () {
        receipts().forEach(erase);
        forget.querySelector('button').hidden = true;
        forget.querySelector('p').textContent = forget.dataset.forgotten;
      };
    }
    try { fresh = tablet && sessionStorage.getItem('fresh'); } catch (e) { }
    if (!fresh) return;
    var line = document.querySelector('.again'), link = find('again');
    link.href = fresh;
    link.parentNode.hidden = false;
    link.addEventListener('click', function (event) { event.preventDefault(); location.replace(fresh); });
    (function tick() {
      line.textContent = line.dataset.again.replace('{seconds}', seconds);
      if (seconds-- > 0) setTimeout(tick, 1000); else location.replace(fresh);
    })();
  }

  document.addEventListener('DOMContentLoaded', function () {
    about = document.body.dataset;
    tablet = 'tablet' in about;
    own = 'own' in about;
    sweep();
    ({ form: formPage, notice: noticePage, receipt: receiptPage })[about.page]();
  });
})();
