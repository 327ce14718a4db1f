#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The interface comes up on a terminal, shows the application, and saves.
. "$(dirname "$0")/../build/lib.sh"

cat >"$WORK/drive.py" <<'P'
import os, pty, select, sys, time

def drive(command, keys):
    """Runs a program on a terminal; sends the next key when it is quiet."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm", LINES="40", COLUMNS="100")
        os.execvp(command[0], command)
    seen, end = b"", time.monotonic() + 30
    while time.monotonic() < end:
        ready, _, _ = select.select([fd], [], [], 0.7)
        if ready:
            try:
                data = os.read(fd, 65536)
            except OSError:
                break
            if not data:
                break
            seen += data
        elif keys:
            os.write(fd, keys.pop(0))
    return os.waitpid(pid, 0)[1], seen

status, seen = drive(sys.argv[2:], [b"Q", b"y"] if sys.argv[1] == "save" else [b"q", b"n"])
sys.stdout.write(seen.decode(errors="replace"))
sys.exit(status != 0)
P
for goal in menuconfig nconfig; do
	rm -f "$WORK/config"
	timeout 60 /usr/bin/python3 "$WORK/drive.py" save make -C "$WORK/app-mini" UK_ROOT="$TREE" \
		--no-print-directory O=../out C=../config P=../plat-mini L=../lib-hello "$goal" >"$WORK/log" 2>&1
	expect "config.${goal}_shows_application" "app-mini"
	check "config.${goal}_saves" "no configuration was written" grep -qx CONFIG_LIBHELLO=y "$WORK/config"
done

# -- without the package, its name
cat >"$WORK/python" <<'P'
#!/bin/sh
exec /usr/bin/python3 -S "$@"
P
chmod +x "$WORK/python"
build PYTHON="$WORK/python" defconfig
expect config.missing_kconfiglib_names_package "apt-get install python3-kconfiglib"
build guiconfig </dev/null
if says "apt-get install python3-tk" || says "no display" || says "DISPLAY"; then
	ok config.guiconfig_says_what_it_needs
else
	not_ok config.guiconfig_says_what_it_needs "$(tail -n 2 "$WORK/log" | tr '\n' '~')"
fi
