getent group tenon >/dev/null || groupadd --system tenon
getent passwd tenon >/dev/null ||
    useradd --system --gid tenon --home-dir /var/lib/tenon --no-create-home --shell /sbin/nologin tenon
