using System.Diagnostics;
using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A bundle on disk with busybox in it, run by the executable under test; beside it a directory of the host that nobody may touch.</summary>
internal sealed class OciBundle : IDisposable
{
    private static readonly string[] Applets = ["sh", "cat", "echo", "ls", "stat", "readlink", "true", "id", "grep", "mount", "sleep", "test", "touch", "mkdir", "chmod", "unshare", "wc", "env"];

    // A guest on a busy machine is slow: what hangs, hangs longer than this.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(Environment.GetEnvironmentVariable("GUEST") is null ? 1 : 5);

    private readonly string _program = RuntimeProgram.Require();
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-bundle-").FullName;

    internal OciBundle()
    {
        foreach (var directory in (string[])["rootfs/bin", "rootfs/tmp", "outside"])
            Directory.CreateDirectory(Path.Combine(_directory, directory));
        Busybox.CopyTo(Rootfs + "/bin/busybox");
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

    /// <summary>The bundle's own directory.</summary>
    internal string Location => _directory;

    internal (int Code, string Output, string Error) Run(RuntimeSpec spec)
    {
        Write(spec);
        return Call("run", "--bundle", _directory, Id);
    }

    internal void Write(RuntimeSpec spec) => File.WriteAllText(_directory + "/config.json", JsonSerializer.Serialize(spec, OciRuntimeJson.Default.RuntimeSpec));

    /// <summary>Calls the runtime and waits for its end. Its output goes to files: what <c>create</c> leaves running keeps the streams it got.</summary>
    internal (int Code, string Output, string Error) Call(params string[] args) => CallAfter("", args);

    /// <summary>The same from a shell that does something before: opens descriptors, for example.</summary>
    internal (int Code, string Output, string Error) CallAfter(string before, params string[] args)
    {
        var streams = Path.Combine(_directory, "streams-" + Guid.NewGuid().ToString("n")[..8]);
        var script = $"{before}\nexec \"$0\" --root {_directory}/state \"$@\" </dev/null >{streams}.out 2>{streams}.err";
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, _program, .. args]) { UseShellExecute = false }).ShouldNotBeNull();
        process.WaitForExit(s_patience).ShouldBeTrue($"'{string.Join(' ', args)}' did not end within {s_patience}");
        return (process.ExitCode, File.ReadAllText(streams + ".out").TrimEnd('\n'), File.ReadAllText(streams + ".err"));
    }

    /// <summary>The mounts of a created container as the host sees them: root in its file system, mount point, type.</summary>
    internal IReadOnlyList<(string Root, string Point, string Type)> MountsOfCreated()
    {
        var (code, output, error) = Call("state", Id);
        code.ShouldBe(0, error);
        using var state = JsonDocument.Parse(output);
        return [.. File.ReadAllLines($"/proc/{state.RootElement.GetProperty("pid").GetInt32()}/mountinfo").Select(line =>
        {
            var fields = line.Split(' ');
            return (fields[3], fields[4], fields[Array.IndexOf(fields, "-") + 1]);
        })];
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
