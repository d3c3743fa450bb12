using System.Diagnostics;
using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A bundle on disk with busybox in it, run by the executable under test; beside it a directory of the host that nobody may touch.</summary>
internal sealed class OciBundle : IDisposable
{
    private static readonly string[] Applets = ["sh", "cat", "echo", "ls", "stat", "readlink", "true", "id", "grep", "mount", "sleep", "test", "touch", "mkdir", "chmod"];

    private readonly string _program = RuntimeProgram.Require();
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-bundle-").FullName;

    internal OciBundle()
    {
        foreach (var directory in (string[])["rootfs/bin", "rootfs/tmp", "outside"])
            Directory.CreateDirectory(Path.Combine(_directory, directory));
        File.Copy("/bin/busybox", Rootfs + "/bin/busybox");
        foreach (var applet in Applets)
            File.CreateSymbolicLink($"{Rootfs}/bin/{applet}", "busybox");
        File.WriteAllText(Outside + "/secret", "of the host");
    }

    internal string Id { get; } = "b" + Guid.NewGuid().ToString("n")[..12];

    internal string Rootfs => _directory + "/rootfs";

    /// <summary>A directory of the host; <see cref="RequireOutsideUntouched"/> says what became of it.</summary>
    internal string Outside => _directory + "/outside";

    internal string Program => _program;

    /// <summary>The usual specification with a shell script as the program.</summary>
    internal RuntimeSpec Spec(string script) => TestSpec.For(Id, "/bin/sh", "-c", script);

    internal (int Code, string Output, string Error) Run(RuntimeSpec spec)
    {
        File.WriteAllText(_directory + "/config.json", JsonSerializer.Serialize(spec, OciRuntimeJson.Default.RuntimeSpec));
        using var process = Process.Start(new ProcessStartInfo(_program, ["--root", _directory + "/state", "run", "--bundle", _directory, Id])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        }).ShouldNotBeNull();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit(30_000).ShouldBeTrue("the container did not end within 30 s");
        return (process.ExitCode, output.TrimEnd('\n'), error.GetAwaiter().GetResult());
    }

    internal void RequireOutsideUntouched()
    {
        Directory.GetFileSystemEntries(Outside).ShouldBe([Outside + "/secret"]);
        File.ReadAllText(Outside + "/secret").ShouldBe("of the host");
    }

    public void Dispose()
    {
        File.ReadAllText("/proc/self/mountinfo").ShouldNotContain(_directory, Case.Sensitive, "a mount is left on the host");
        Directory.Delete(_directory, recursive: true);
        var host = CgroupHost.Detect();
        host.Exists("/sampan-runtime-tests/" + Id).ShouldBeFalse("a control group is left");
        host.TryRemoveEmpty("/sampan-runtime-tests");
    }
}
