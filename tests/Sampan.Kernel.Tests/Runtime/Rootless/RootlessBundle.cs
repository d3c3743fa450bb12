using System.Diagnostics;
using System.Text.Json;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Rootless;

/// <summary>
/// A bundle of a user without privilege, who calls the executable from his own directory, with an /etc of his own: what stands in it about him and his
/// further ids is not the host's.
/// </summary>
internal sealed class RootlessBundle : IDisposable
{
    /// <summary>Nobody on the host: he is called <c>rose</c> in his own /etc.</summary>
    internal const uint User = 61_000;

    /// <summary>The first of the 65,536 further ids that <see cref="GiveFurtherIds"/> gives him.</summary>
    internal const uint FirstFurther = 300_000;

    private static readonly string[] s_applets = ["sh", "sleep", "id", "cat", "ls", "ps", "echo", "grep", "stat", "touch", "chown", "tr", "tty", "true", "mkdir", "readlink"];

    internal RootlessBundle()
    {
        var program = RuntimeProgram.Require();
        Assert.SkipUnless(int.Parse(File.ReadAllText("/proc/sys/user/max_user_namespaces"), System.Globalization.CultureInfo.InvariantCulture) > 0, "this kernel makes no user namespaces (user.max_user_namespaces)");
        foreach (var directory in (string[])["rootfs/bin", "rootfs/tmp", "run", "etc"])
            Directory.CreateDirectory($"{Base}/{directory}");
        File.Copy(program, Program);
        Busybox.CopyTo(Rootfs + "/bin/busybox");
        foreach (var applet in s_applets)
            File.CreateSymbolicLink($"{Rootfs}/bin/{applet}", "busybox");
        File.WriteAllText(Base + "/etc/passwd", $"root:x:0:0::/root:/bin/sh\nrose:x:{User}:{User}::/:/bin/sh\n");
        File.WriteAllText(Base + "/etc/group", $"root:x:0:\nrose:x:{User}:\n");
        Shell($"chown -R {User}:{User} '{Base}'; chmod 755 '{Base}'");
    }

    internal string Base { get; } = Directory.CreateTempSubdirectory("sampan-rootless-").FullName;

    internal string Rootfs => Base + "/rootfs";

    internal string Program => Base + "/sampan-runtime";

    internal string Id { get; } = "rootless" + Guid.NewGuid().ToString("n")[..8];

    /// <summary>Variables of the user's environment that differ.</summary>
    internal Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin",
    };

    /// <summary>What runs as root in the namespaces of a call before the user does.</summary>
    internal string Before { get; set; } = "";

    internal void GiveFurtherIds()
    {
        File.WriteAllText(Base + "/etc/subuid", $"rose:{FirstFurther}:65536\n");
        File.WriteAllText(Base + "/etc/subgid", $"rose:{FirstFurther}:65536\n");
    }

    /// <summary>The configuration that <c>spec --rootless</c> writes, with a program of ours.</summary>
    internal void Write(string script, Func<RuntimeSpec, RuntimeSpec>? change = null)
    {
        File.Delete(Base + "/config.json");
        Call("spec", "--rootless").ShouldBe((0, "", ""));
        var spec = JsonSerializer.Deserialize(File.ReadAllBytes(Base + "/config.json"), OciRuntimeJson.Default.RuntimeSpec).ShouldNotBeNull();
        spec.Linux!.UidMappings.ShouldBe([new IdMapping { ContainerId = 0, HostId = User, Size = 1 }]);
        spec = spec with { Root = new Root { Path = "rootfs" } };
        spec = spec.WithProcess(process => process with { Terminal = false, Args = ["/bin/sh", "-c", script], Env = ["PATH=/bin"] });
        File.WriteAllBytes(Base + "/config.json", JsonSerializer.SerializeToUtf8Bytes(change is null ? spec : change(spec), OciRuntimeJson.Default.RuntimeSpec));
    }

    /// <summary>Writes the configuration and runs it.</summary>
    internal (int Code, string Output, string Error) Run(string script, Func<RuntimeSpec, RuntimeSpec>? change = null)
    {
        Write(script, change);
        return Call("run", Id);
    }

    /// <summary>Calls the executable as the user. Its output goes to files: what <c>create</c> leaves running keeps the streams.</summary>
    internal (int Code, string Output, string Error) Call(params string[] args) => CallBy(Program, args);

    /// <summary>Calls another program as the user, such as <c>unshare</c> in front of the executable.</summary>
    internal (int Code, string Output, string Error) CallBy(string program, params string[] args)
    {
        var streams = $"{Base}/streams-{Guid.NewGuid():n}";
        var variables = string.Join(' ', Environment.Append(new("HOME", Base)).Append(new("USER", "rose")).Append(new("XDG_RUNTIME_DIR", Base + "/run")).DistinctBy(one => one.Key).Select(one => $"'{one.Key}={one.Value}'"));
        // The user's own /etc, in a mount namespace that goes with the call; what containers see of it is his rootfs.
        var script = $"mount --bind '{Base}/etc' /etc && cd '{Base}' && {{ {Before} :; }} && exec setpriv --reuid {User} --regid {User} --clear-groups --inh-caps=-all env -i {variables} \"$0\" \"$@\" </dev/null >{streams}.out 2>{streams}.err";
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--mount", "--propagation", "private", "/bin/sh", "-c", script, program, .. args]) { UseShellExecute = false }).ShouldNotBeNull();
        process.WaitForExit(60_000).ShouldBeTrue($"'{string.Join(' ', args)}' did not end within 60 s");
        return (process.ExitCode, File.ReadAllText(streams + ".out").TrimEnd('\n'), File.ReadAllText(streams + ".err"));
    }

    internal static void Shell(string script)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-euc", script]) { UseShellExecute = false }).ShouldNotBeNull();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, script);
    }

    public void Dispose()
    {
        Call("delete", "--force", Id);
        var states = Base + "/run/sampan-runtime";
        var left = Directory.Exists(states) ? Directory.GetFileSystemEntries(states) : [];
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(Base, Case.Sensitive, "a mount is left on the host");
        Directory.Delete(Base, recursive: true);
        left.ShouldBeEmpty("the state of a container is left");
    }
}
