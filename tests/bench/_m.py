import timeit, asyncio, secrets
from datetime import datetime, UTC
from urllib.parse import urlencode
from tests.bench import worlds
from survey.storage import reads
from survey.storage.database import write_engine
from survey.settings import get_settings
from survey.web import public, incoming
from survey.actions.submit import *
from survey.core.questionnaire import check
def t(name, f, n=3000):
    f(); print(f"{name:30s} {timeit.timeit(f,number=n)/n*1e6:8.1f} us")
with worlds.world():
    w,codes=worlds.open_wave(20000); left=iter(codes)
    form=worlds.form_of(w); fields=worlds.filled_in(form); body=(urlencode(fields)+"&sid="+"s"*22).encode()
    t("find", lambda: reads.find_code(codes[0]))
    pages=public.Pages(); status=reads.find_code(codes[0]); v=public.Variant("zh",False) if hasattr(public,"Variant") else None
    page=pages.form(status, v)
    print([n for n in dir(page) if not n.startswith("_")])
    t("page", lambda: page.response("gzip", "x"*22) if hasattr(page,"response") else page.fill("x"*22,"gzip"))
    t("token", lambda: secrets.token_urlsafe(16))
    t("parse", lambda: incoming.parse(body))
    f=incoming.parse(body).fields
    t("check", lambda: check(form,f,get_settings()))
    a=check(form,f,get_settings()); now=datetime.now(UTC)
    for n in (1,4,16,64):
        def run():
            with write_engine().begin() as db:
                store_submissions(db,[Submission(next(left),secrets.token_urlsafe(16),a,None,"zh",now) for _ in range(n)])
        print(n, end=" "); t("store", run, 1000//n)
    import cProfile,pstats
    pr=cProfile.Profile(); pr.enable()
    for _ in range(100):
        with write_engine().begin() as db:
            store_submissions(db,[Submission(next(left),secrets.token_urlsafe(16),a,None,"zh",now) for _ in range(16)])
    pr.disable(); pstats.Stats(pr).sort_stats("tottime").print_stats(16)
