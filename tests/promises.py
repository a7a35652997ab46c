"""What is promised on screens and papers, by the function that keeps it and a test in which that function keeps it.

A sentence with a promising word that stands neither here nor among `NO_PROMISE` turns tests/test_promises.py red.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Keeper:
    """A function, and a test that runs it."""

    function: str
    test: str


WITHHOLDING = Keeper(
    "core.figures.withholding.live_cell",
    "actions/test_submit.py::test_figures_move_when_five_new_raters_have_come_and_not_before",
)
ONCE = Keeper(
    "actions.answers.submit.store_submissions",
    "actions/test_submit.py::test_another_submission_on_a_used_code_is_refused_and_nothing_is_stored",
)
INTEGRITY = Keeper(
    "actions.answers.submit.store_claims",
    "web/test_privacy.py::test_no_report_and_no_released_remark_counts_or_tells_it",
)
OWN = Keeper(
    "storage.figures.released.figures",
    "test_access.py::test_a_department_sees_its_own_figures_and_remarks_only",
)
CASES = Keeper("storage.ledger.cases.cases", "test_access.py::test_cases_are_seen_by_whom_they_concern")
BATCHES = Keeper(
    "actions.figures.release.release_remarks",
    "actions/test_remarks.py::test_ten_remarks_of_four_forms_are_no_batch",
)
MODES = Keeper(
    "actions.answers.submit.store_claims",
    "actions/test_on_behalf.py::test_the_answers_say_who_gave_them_only_as_far_as_the_mode_says_and_never_who_entered",
)
PRIVATE = Keeper(
    "storage.private_files.keep_private", "test_private_files.py::test_what_cannot_be_mended_is_told"
)
UPGRADE = Keeper("storage.schema.prepare", "storage/test_database.py::test_preparing_twice_changes_nothing")
RELEASES = Keeper(
    "actions.figures.release.make_release",
    "actions/test_submit.py::test_figures_move_when_five_new_raters_have_come_and_not_before",
)
FINAL = Keeper(
    "actions.figures.release.make_final_release",
    "actions/test_submit.py::test_all_answers_count_exactly_once_the_wave_is_closed",
)
AT_ONCE = Keeper(
    "actions.figures.release.make_release",
    "actions/test_final_release.py::test_a_named_wave_tells_at_once_whatever_was_chosen",
)
GUESS = Keeper(
    "core.figures.withholding.final_cell",
    "core/test_strata_attack.py::test_no_counts_within_a_range_can_be_told_apart_by_what_is_published",
)
STANDS = Keeper(
    "core.figures.withholding.stands",
    "core/test_withholding.py::test_insiders_who_know_their_own_answers_cannot_tell_the_last_one",
)
WALLS = Keeper(
    "core.figures.withholding.dripped",
    "actions/test_release.py::test_open_figures_move_once_a_day_and_never_become_exact",
)
RETRY = Keeper(
    "storage.jobs.note_failure", "test_jobs.py::test_what_keeps_failing_is_tried_less_and_less_often"
)
ANCHORS = Keeper(
    "storage.accounts.anchors.catch_up",
    "actions/test_anchors.py::test_a_place_that_is_lost_and_comes_back_is_caught_up",
)
KEY = Keeper(
    "actions.waves.keys.destroy_key",
    "actions/test_keys.py::test_whoever_has_key_and_database_can_name_a_pseudonym_until_the_key_is_destroyed",
)
SEAL = Keeper("running.jobs.seal_when_due", "test_jobs.py::test_the_tables_are_sealed_once_a_night")
JOINED = Keeper(
    "actions.waves.blurring.hide_few",
    "actions/test_blurring.py::test_a_stratum_in_which_one_answered_joins_its_like",
)
TRIAL = Keeper(
    "actions.waves.lifecycle.discard_trials",
    "actions/test_trials.py::test_opening_discards_forms_and_code_and_counts_nothing",
)
BRAKE = Keeper(
    "web.limits.WrongTries.note", "web/test_wrong_codes.py::test_right_codes_from_the_same_address_go_on"
)
REISSUE = Keeper(
    "actions.waves.codes.reissue_codes",
    "actions/test_codes.py::test_a_replaced_code_is_void_at_once_and_the_new_one_counts_in_the_same_stratum",
)
RECEIPT = Keeper(
    "storage.ledger.cases.case_by_receipt",
    "web/test_form.py::test_a_request_gets_a_case_and_its_receipt_shows_it",
)
PHASE = Keeper("core.waves.phase.phase_of", "core/test_phase.py::test_edges")
SAME_ID = Keeper(
    "actions.answers.submit.store_submissions",
    "web/test_same_id.py::test_other_content_is_told_given_back_and_led_on",
)
CONFIRM = Keeper(
    "actions.answers.on_behalf.confirm",
    "web/test_confirming.py::test_after_closing_it_may_still_speak_and_after_sealing_no_more",
)
TABLET = Keeper(
    "web.phone.receipts.plain_receipt", "web/test_form.py::test_a_tablet_keeps_its_channel_to_the_receipt"
)
PREVIEW = Keeper(
    "web.office.preview.preview", "web/test_form.py::test_preview_cannot_be_sent_and_stores_nothing"
)
TIMED = Keeper(
    "actions.waves.drafts.open_timed",
    "actions/test_waves.py::test_it_opens_by_itself_at_its_time_and_closes_at_its_time",
)
STUDY = Keeper(
    "actions.figures.study.study_wave",
    "actions/test_study.py::test_the_second_wave_is_compared_with_the_first",
)
LIVE = Keeper(
    "storage.waves.arriving.pulse", "pages/test_pages.py::test_an_open_wave_without_answers_waits_kindly"
)
SWEEP = Keeper(
    "output.waves.bundle.sweep", "web/test_codes.py::test_a_bundle_is_handed_out_noted_and_gone_after_an_hour"
)
SESSIONS = Keeper(
    "actions.accounts.passwords.set_password",
    "actions/test_sessions.py::test_a_reset_password_ends_sign_ins_and_the_brake",
)
DEVICES = Keeper(
    "storage.answers.devices.destroy_keys",
    "test_jobs.py::test_a_clock_that_jumps_ahead_does_the_jobs_of_that_time_once",
)
DAY_LIST = Keeper(
    "actions.waves.reminders.draw_up_list",
    "actions/test_reminders.py::test_the_list_does_not_move_during_the_day",
)


TEXTS: dict[str, tuple[Keeper, ...]] = {
    "confidentiality.anonymous": (WITHHOLDING, ONCE, MODES),
    "confidentiality.pseudonymous": (WITHHOLDING, MODES),
    "confidentiality.named": (MODES, OWN),
    "form.about_late": (PHASE,),
    "form.preview": (PREVIEW,),
    "form.help_hint": (CASES, RECEIPT),
    "form.integrity_hint": (INTEGRITY, CASES),
    "form.contact_hint": (CASES,),
    "trial.mark": (TRIAL,),
    "trial.kept": (TRIAL,),
    "trial.step": (RECEIPT,),
    "trial.void": (TRIAL,),
    "receipt.keep": (RECEIPT,),
    "receipt.again": (TABLET,),
    "receipt.help_step.seen": (CASES,),
    "receipt.help_step.contact": (CASES,),
    "receipt.help_step.progress": (RECEIPT,),
    "receipt.integrity_step.only": (INTEGRITY, CASES),
    "receipt.integrity_step.hidden": (RECEIPT,),
    "receipt.integrity_step.contact": (CASES,),
    "privacy.anonymous.apart": (MODES, SEAL),
    "privacy.anonymous.code": (ONCE,),
    "privacy.anonymous.few": (WITHHOLDING,),
    "privacy.pseudonymous.pairs": (MODES,),
    "privacy.pseudonymous.key": (KEY,),
    "privacy.pseudonymous.both": (KEY,),
    "privacy.pseudonymous.few": (WITHHOLDING,),
    "privacy.named.host": (MODES,),
    "privacy.named.department": (OWN,),
    "privacy.against.official": (MODES, WITHHOLDING),
    "privacy.against.enterprise": (CASES, OWN),
    "privacy.against.outsider": (BRAKE,),
    "privacy.against.thief": (SEAL, KEY),
    "privacy.not_protected.guess": (GUESS, STANDS),
    "privacy.not_protected.walls": (WALLS,),
    "privacy.not_protected.before": (SEAL,),
    "privacy.not_protected.small": (JOINED,),
    "privacy.remarks.count": (BATCHES,),
    "privacy.remarks.help": (CASES,),
    "privacy.remarks.integrity": (INTEGRITY, CASES),
    "on_behalf.confirmed": (CONFIRM,),
    "on_behalf.disputed": (CONFIRM,),
    "on_behalf.too_late": (CONFIRM,),
    "notice.too_many_wrong.text": (BRAKE,),
    "notice.used.text": (ONCE,),
    "notice.changed.text": (SAME_ID,),
    "notice.changed_open.text": (SAME_ID,),
    "notice.trial_full.text": (TRIAL,),
    "notice.busy.text": (ONCE,),
    "notice.way.not_ours_how": (REISSUE,),
    "notice.way.not_ours_how_phone": (REISSUE,),
    "letter.how_text": (CASES,),
    "letter.code_text": (REISSUE,),
}
"""Sentences to enterprises, by their key; the same in every language."""

CLEARED = (
    "forgotten",
    "browser/test_shared_phone.py::test_a_receipt_can_be_cleared_from_a_phone_that_others_use",
)
IN_THE_PHONE = dict.fromkeys(("receipt.forget", "receipt.forget_hint", "receipt.forgotten"), CLEARED)
"""Kept by the form's script: a word of it, and a test in a real browser."""

NO_PROMISE = {
    "privacy.not_protected.text": "what the enterprise itself wrote",
    "notice.way.receipt_how": "what to do",
}

OFFICE: dict[str, tuple[Keeper, ...]] = {
    "启动时会自动改好": (PRIVATE,),
    "启动时会自动升级": (UPGRADE,),
    "够数后自动发布": (RELEASES,),
    "不会定时开启、截止和发布": (TIMED,),
    "系统会自动再试": (RETRY,),
    "会自动再试": (RETRY,),
    "恢复后会自动补上": (ANCHORS,),
    "自动开启": (TIMED,),
    "自动截止": (PHASE,),
    "随即生成": (TIMED,),
    "旧码当即作废": (REISSUE,),
    "旧链接当即作废": (REISSUE,),
    "服务器上的这份自动删除": (SWEEP,),
    "不会重复发": (REISSUE,),
    "开启时全部清除": (TRIAL,),
    "开启时自动清除": (TRIAL,),
    "试填全部清除": (TRIAL,),
    "几秒钟后自动出现": (STUDY,),
    "届时自动出现在这里": (STUDY,),
    "收齐后自动补上": (STUDY,),
    "第一份答卷会自动出现在这里": (LIVE,),
    "公布以后，这里自动出现": (LIVE,),
    "截止后公布准数，这里随即说明": (FINAL,),
    "收到答卷随即公布准数": (AT_ONCE,),
    "事项会立即出现在这里": (CASES,),
    "每天 0 点": (DAY_LIST,),
    "当天不变": (DAY_LIST,),
    "分数不会公布": (WITHHOLDING,),
    "别处的登录会全部退出": (SESSIONS,),
    "不会跟着变": (WITHHOLDING,),
    "已封存：数据库文件里不再留有填写的先后顺序": (SEAL,),
    "」的代号密钥已销毁（": (KEY,),
    "代号密钥已销毁": (KEY,),
    "销毁后，「": (KEY,),
    "第一份名单在开启的第二天 0 点做好": (DAY_LIST,),
    "名单在开启的第二天 0 点做第一份": (DAY_LIST,),
    "清除试填 ": (TRIAL,),
    "销毁隔日的设备密钥": (DEVICES,),
}
"""Pieces of sentences to officials, in the source as they stand."""

OFFICE_NO_PROMISE = (
    "会不会改变结论", "不会为空", "不会变成科学计数", "请立即告诉管理员", "由规则自动拟出", "立即退出",
    "页面会重新打开", "不会清掉", "请按期销毁", "密钥备份请一并销毁", "确定销毁吗", "不再询问，直接销毁", "登记销毁", "销毁代号密钥",
    " 销毁，前后几期不能再对应", "没有密钥可以销毁", "再销毁密钥", "请清除本网站的 Cookie",
)  # fmt: skip
