"""Which package is meant by an app's name. Knows no device.

Names are compared as a whole: "map" is not "Maps", and "google maps" is not "google".
"""

import difflib
from collections.abc import Collection

from qvl_agent.envs.android.device import NoSuchApp

__all__ = ["package_of"]

_APPS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("maps", "google maps", "地图"), ("com.google.android.apps.maps", "com.autonavi.minimap", "org.qvl.maps")),
    (("browser", "chrome", "浏览器"), ("com.android.chrome", "org.mozilla.firefox", "com.android.browser", "org.qvl.browser")),
    (("mail", "gmail", "e-mail", "email", "邮件"), ("com.google.android.gm", "com.android.email", "org.qvl.mail")),
    (("messages", "sms", "信息"), ("com.google.android.apps.messaging", "com.android.messaging", "com.android.mms", "org.qvl.messages")),
    (("contacts", "people", "通讯录"), ("com.google.android.contacts", "com.android.contacts", "org.qvl.contacts")),
    (("phone", "dialer", "电话"), ("com.google.android.dialer", "com.android.dialer", "org.qvl.phone")),
    (("clock", "alarm", "时钟"), ("com.google.android.deskclock", "com.android.deskclock", "org.qvl.clock")),
    (("calendar", "日历"), ("com.google.android.calendar", "com.android.calendar", "org.qvl.calendar")),
    (("notes", "keep", "便签"), ("com.google.android.keep", "org.qvl.notes")),
    (("settings", "设置"), ("com.android.settings", "org.qvl.settings")),
    (("music", "youtube music", "音乐"), ("com.google.android.apps.youtube.music", "com.android.music", "org.qvl.music")),
    (("calculator", "计算器"), ("com.google.android.calculator", "com.android.calculator2", "org.qvl.calculator")),
    (("shop", "store", "商店"), ("org.qvl.shop",)),
    (("play store", "google play"), ("com.android.vending",)),
    (("weather", "天气"), ("com.google.android.apps.weather", "org.qvl.weather")),
    (("files", "文件"), ("com.google.android.apps.nbu.files", "com.android.documentsui", "org.qvl.files")),
    (("camera", "相机"), ("com.google.android.GoogleCamera", "com.android.camera2", "org.qvl.camera")),
    (("photos", "gallery", "相册"), ("com.google.android.apps.photos", "com.android.gallery3d", "org.qvl.photos")),
    (("youtube",), ("com.google.android.youtube",)),
    (("whatsapp",), ("com.whatsapp",)),
    (("wechat", "微信"), ("com.tencent.mm",)),
    (("alipay", "支付宝"), ("com.eg.android.AlipayGphone",)),
    (("spotify",), ("com.spotify.music",)),
)  # fmt: skip
"""Names, and the packages that can be meant, the likeliest first."""


def package_of(name: str, installed: Collection[str]) -> str:
    """Return the package of an app.

    Args:
        name: A package, a well-known name, or the last part of one package alone.
        installed: All packages on the phone.

    Raises:
        NoSuchApp: If none of them is meant; the message names the nearest.
    """
    wanted = name.strip().lower()
    exact = next((p for p in installed if p.lower() == wanted), None)
    if exact:
        return exact
    for names, packages in _APPS:
        if wanted in names:
            found = next((p for p in packages if p in installed), None)
            if found:
                return found
    last = [p for p in installed if p.lower().rsplit(".", 1)[-1] == wanted.replace(" ", "")]
    if len(last) == 1:
        return last[0]
    known = [names[0] for names, packages in _APPS if any(p in installed for p in packages)]
    near = difflib.get_close_matches(wanted, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known) or 'none'}"
    raise NoSuchApp(f"there is no app {name!r} on the phone; {hint}")
