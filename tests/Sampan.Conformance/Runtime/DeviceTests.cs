using System.Text.Json.Nodes;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Runtime;

/// <summary>Devices, those that are always there and those asked for.</summary>
public sealed class DeviceTests : ConformanceTest
{
    [Fact, Spec("config-linux.md#default-devices")]
    public void The_default_devices_are_there() => Conforms(() =>
        NewContainer("cd /dev; stat -c '%n %F %t:%T %a' null zero full random urandom tty").Run().Prints(
            "null character special file 1:3 666\nzero character special file 1:5 666\nfull character special file 1:7 666\nrandom character special file 1:8 666\nurandom character special file 1:9 666\ntty character special file 5:0 666"));

    [Fact, Spec("config-linux.md#default-devices")]
    public void The_default_devices_work() => Conforms(() =>
        NewContainer("echo x > /dev/null; dd if=/dev/zero bs=4 count=1 2>/dev/null | wc -c; dd if=/dev/urandom bs=4 count=1 2>/dev/null | wc -c; echo x 2>/dev/null > /dev/full || echo full").Run().Prints("4\n4\nfull"));

    [Fact, Spec("runtime-linux.md#dev-symbolic-links")]
    public void The_links_of_dev_are_there() => Conforms(() =>
        NewContainer("cd /dev; for l in fd stdin stdout stderr ptmx; do readlink $l | sed 's,^/dev/,,'; done").Run().Prints("/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx"));

    [Fact, Spec("config-linux.md#devices")]
    public void Devices_asked_for_are_made_with_mode_and_owner() => Conforms(() =>
    {
        var container = NewContainer("stat -c '%F %t:%T %a %u %g' /dev/made/here /dev/pipe");
        container.Linux["devices"] = new JsonArray(
            new JsonObject { ["path"] = "/dev/made/here", ["type"] = "c", ["major"] = 1, ["minor"] = 5, ["fileMode"] = 416, ["uid"] = 7, ["gid"] = 8 },
            new JsonObject { ["path"] = "/dev/pipe", ["type"] = "p", ["fileMode"] = 384 });
        container.Run().Prints("character special file 1:5 640 7 8\nfifo 0:0 600 0 0");
    });

    [Fact, Spec("config-linux.md#allowed-device-list")]
    public void Devices_not_allowed_do_not_open_and_those_allowed_do() => Conforms(() =>
    {
        var container = NewContainer("mknod /tmp/zero c 1 5 && cat /tmp/zero | head -c 1 | wc -c; mknod /tmp/kmsg c 1 11 2>/dev/null; cat /tmp/kmsg 2>/dev/null >/dev/null || echo refused");
        container.Linux["resources"]!["devices"] = new JsonArray(
            new JsonObject { ["allow"] = false, ["access"] = "rwm" },
            new JsonObject { ["allow"] = true, ["type"] = "c", ["major"] = 1, ["minor"] = 5, ["access"] = "rwm" });
        container.Run().Prints("1\nrefused");
    });

    [Fact, Spec("config-linux.md#devices")]
    public void A_kind_of_device_that_does_not_exist_is_an_error() => Conforms(() =>
    {
        var container = NewContainer();
        container.Linux["devices"] = new JsonArray(new JsonObject { ["path"] = "/dev/x", ["type"] = "z", ["major"] = 1, ["minor"] = 5 });
        container.Create().Fails();
    });
}
