using Sampan.Engine.Devices;
using Sampan.Engine.Specs;
using Sampan.Oci.Runtime;

namespace Sampan.Engine.Tests.Specs;

public sealed class DeviceEditsTests
{
    private static readonly RuntimeSpec s_spec = new()
    {
        Process = new OciProcess { Env = ["A=1", "B=1"], User = new OciUser { AdditionalGids = [7] } },
        Mounts = [new Mount { Destination = "/old", Source = "/x" }, new Mount { Destination = "/kept", Source = "/y" }],
        Linux = new LinuxSection { Devices = [new Device { Path = "/dev/a", Type = "c", Major = 9 }], Resources = new Resources { Devices = [new DeviceRule { Allow = false, Access = "rwm" }] } },
    };

    [Fact]
    public void Edits_add_and_replace_by_name_and_place()
    {
        var edits = new CdiEdits
        {
            Env = ["A=2", "C=3"],
            AdditionalGids = [0, 7, 8],
            DeviceNodes = [new CdiDeviceNode { Path = "/dev/a", HostPath = "/dev/host", Permissions = "r" }, new CdiDeviceNode { Path = "/dev/told", Type = "b", Major = 8, Minor = 1 }],
            Mounts = [new CdiMount { ContainerPath = "/old", HostPath = "/lib/new", Options = ["ro", "nosuid"] }],
            Hooks = [new CdiHook { HookName = "createContainer", Path = "/usr/bin/hook", Args = ["hook", "x"], Env = ["H=1"], Timeout = 5 }],
        };

        var spec = DeviceEdits.Apply(s_spec, [edits], path => new Device { Path = path, Type = "c", Major = 195, Minor = 255, FileMode = 438, Uid = 1, Gid = 2 });

        spec.Process.ShouldNotBeNull().Env.ShouldBe(["B=1", "A=2", "C=3"]);
        spec.Process.User.AdditionalGids.ShouldBe([7u, 8u]);
        spec.Mounts.Select(m => $"{m.Destination} {m.Source} {m.Type} {string.Join(',', m.Options)}").ShouldBe(["/kept /y  ", "/old /lib/new bind rbind,ro,nosuid"]);
        spec.Hooks.ShouldNotBeNull().CreateContainer.Single().Path.ShouldBe("/usr/bin/hook");
        var linux = spec.Linux.ShouldNotBeNull();
        linux.Devices.Select(d => $"{d.Path} {d.Type} {d.Major}:{d.Minor} {d.FileMode} {d.Uid} {d.Gid}").ShouldBe(["/dev/a c 195:255 438 1 2", "/dev/told b 8:1   "]);
        linux.Resources.ShouldNotBeNull().Devices.Select(r => $"{r.Allow} {r.Type} {r.Major}:{r.Minor} {r.Access}").ShouldBe(["False  : rwm", "True c 195:255 r", "True b 8:1 rwm"]);
    }

    [Fact]
    public void Unknown_hooks_and_permissions_are_refused()
    {
        Should.Throw<EngineException>(() => DeviceEdits.Apply(s_spec, [new CdiEdits { Hooks = [new CdiHook { HookName = "whenever" }] }], _ => new Device())).Message.ShouldContain("'whenever'");
        Should.Throw<EngineException>(() => DeviceEdits.Apply(s_spec, [new CdiEdits { DeviceNodes = [new CdiDeviceNode { Path = "/dev/a", Permissions = "x" }] }], _ => new Device())).Message.ShouldContain("'x'");
    }
}
