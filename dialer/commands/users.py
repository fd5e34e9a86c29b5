"""How does an admin come in who cannot, without the API?

A password is shown once, opens the way to changing it, and to nothing more.
"""

from api.passwords import Passwords, made_up
from dialer.adapters.clock import SystemClock
from dialer.commands.keys import ACTOR, PAGE, in_columns, opened
from dialer.config import ConfigurationProblem, Settings
from dialer.ports.store import Conflict, Role, Standing, User

_HEAD = ("NAME", "ROLE", "OF", "STATE", "SECOND FACTOR")


async def admin(settings: Settings, name: str) -> str:
    """The password of a new admin.

    Raises:
        ConfigurationProblem: there is a user of this name.
    """
    password = made_up()
    user = User(name, Role.ADMIN, await Passwords().hashed(password))
    async with opened(settings) as store:
        try:
            await store.add_user(user, SystemClock().now(), ACTOR)
        except Conflict as conflict:
            raise ConfigurationProblem(f"{conflict}: dzwonek users reset {name}") from conflict
    return password


async def reset(settings: Settings, name: str) -> str:
    """Another password; the second factor is gone, a lock is over, the user comes in again, sessions have ended.

    Raises:
        ConfigurationProblem: there is no such user.
    """
    password, now = made_up(), SystemClock().now()
    kept = await Passwords().hashed(password)
    async with opened(settings) as store:
        user = await store.set_password(name, kept, now, ACTOR, is_own=False, drops_factor=True)
        if user is None:
            raise ConfigurationProblem(f"there is no user {name}: dzwonek users list")
        await store.change_user(name, Standing(user.role, user.client_id, user.agent_id, True), now, ACTOR)
    return password


async def listing(settings: Settings) -> str:
    """Every user in a line."""
    lines: list[tuple[str, ...]] = [_HEAD]
    async with opened(settings) as store:
        after = ""
        while page := await store.users(after, PAGE):
            lines += [_line(user) for user in page]
            after = page[-1].name
    return in_columns(lines)


def _line(user: User) -> tuple[str, ...]:
    whose = user.client_id or user.agent_id or "(operator)"
    return (user.name, user.role, whose, _state(user), "yes" if user.totp_secret else "no")


def _state(user: User) -> str:
    if not user.is_enabled:
        return "disabled"
    if user.locked_until is not None and user.locked_until > SystemClock().now():
        return f"locked until {user.locked_until:%Y-%m-%d %H:%M}"
    return "comes in"
