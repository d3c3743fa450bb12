using System.Diagnostics;

namespace Sampan.Conformance.Harness;

/// <summary>
/// The OCI runtime that is judged: <c>RUNTIME</c> in the environment, else ours in <c>out/</c>. Its commands are runc's, which crun, youki and ours have.
/// </summary>
internal static class RuntimeUnderTest
{
    /// <summary>An empty group to be all of the unified hierarchy: crun 1.8 refuses the hybrid layout where that has controllers.</summary>
    private const string EmptyUnified = "/sys/fs/cgroup/unified/sampan-conformance-empty/leaf";

    private static readonly Lazy<string?> s_path = new(Find);
    private static readonly Lazy<string> s_name = new(() => AskName(Path));

    /// <summary>Its path; skips the test where it, busybox or root are missing.</summary>
    internal static string Path
    {
        get
        {
            if (Environment.GetEnvironmentVariable("RUNTIME") is { Length: > 0 } given && !File.Exists(s_path.Value))
                Assert.Fail($"there is no runtime '{given}'");
            Assert.SkipUnless(s_path.Value is { } found && File.Exists(found), "the runtime is not there: run make, or set RUNTIME to the path of one");
            Assert.SkipUnless(File.Exists("/bin/busybox"), "/bin/busybox is missing: install busybox-static");
            Assert.SkipUnless(Environment.UserName == "root", "containers need root");
            return s_path.Value!;
        }
    }

    /// <summary>What it calls itself: <c>runc</c>, <c>crun</c>, <c>sampan-runtime</c>.</summary>
    internal static string Name => s_name.Value;

    /// <summary>A program and its first arguments that call the runtime; <paramref name="args"/> follow.</summary>
    internal static ProcessStartInfo Command(IEnumerable<string> args)
    {
        if (Name != "crun" || !Directory.Exists("/sys/fs/cgroup/unified"))
            return new ProcessStartInfo(Path, args) { UseShellExecute = false };
        const string script = $"mkdir -p {EmptyUnified} && mount --make-rprivate / && mount --bind {EmptyUnified} /sys/fs/cgroup/unified && exec \"$0\" \"$@\"";
        return new ProcessStartInfo("/usr/bin/unshare", ["--mount", "sh", "-c", script, Path, .. args]) { UseShellExecute = false };
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("RUNTIME") is { Length: > 0 } given)
            return given.Contains('/') ? System.IO.Path.GetFullPath(given, Environment.GetEnvironmentVariable("PWD") ?? "/") : FindInPath(given);
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = System.IO.Path.GetDirectoryName(directory))
        {
            if (File.Exists(System.IO.Path.Combine(directory, "Sampan.slnx")))
                return System.IO.Path.Combine(directory, "out", "sampan-runtime");
        }
        return null;
    }

    private static string? FindInPath(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':').Select(directory => System.IO.Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    /// <summary>The first word of <c>--version</c>: <c>runc version 1.1.5</c>.</summary>
    private static string AskName(string path)
    {
        using var process = Process.Start(new ProcessStartInfo(path, ["--version"]) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
        var name = process.StandardOutput.ReadToEnd().Split(' ', '\n')[0];
        process.WaitForExit();
        return name;
    }
}
