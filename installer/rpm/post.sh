install -d -m 0755 /var/lib/tenon /var/lib/tenon/plugins
install -d -m 0750 -o tenon -g tenon /var/lib/tenon/data /var/log/tenon
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" = 1 ]; then systemctl preset tenon.service || :; fi
fi
