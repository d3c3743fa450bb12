using System.Diagnostics;
using System.Text.Json;
using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>A bundle with busybox, a root of containers' state of its own, and the executable under test to act on both.</summary>
internal sealed class CommandBundle : IDisposable
{
    private static readonly string[] Applets =
        ["sh", "sleep", "true", "cat", "echo", "test", "ls", "id", "env", "pwd", "kill", "ps", "stty", "tty", "readlink", "stat", "grep", "head", "dd", "seq", "touch", "wc"];

    private readonly string _program = RuntimeProgram.Require();

    internal CommandBundle()
    {
        Directory.CreateDirectory(Rootfs + "/bin");
        Directory.CreateDirectory(Rootfs + "/tmp");
        Busybox.CopyTo(Rootfs + "/bin/busybox");
        foreach (var applet in Applets)
            File.CreateSymbolicLink($"{Rootfs}/bin/{applet}", "busybox");
    }

    internal string Base { get; } = Directory.CreateTempSubdirectory("sampan-command-").FullName;

    internal string Rootfs => Base + "/rootfs";

    internal string State => Base + "/state";

    internal string Program => _program;

    internal string Id { get; } = "cmd" + Guid.NewGuid().ToString("n")[..10];

    internal string CgroupPath => "/sampan-runtime-tests/" + Id;

    /// <summary>The usual specification of this bundle.</summary>
    internal RuntimeSpec Spec(params string[] args) => TestSpec.For(Id, args);

    /// <summary>Writes the configuration.</summary>
    internal void Write(RuntimeSpec spec) => File.WriteAllBytes(Base + "/config.json", JsonSerializer.SerializeToUtf8Bytes(spec, OciRuntimeJson.Default.RuntimeSpec));

    /// <summary>Starts a container that sleeps until it is killed.</summary>
    internal void RunSleeping(Func<RuntimeSpec, RuntimeSpec>? change = null)
    {
        var spec = Spec("sleep", "10000");
        Write(change is null ? spec : change(spec));
        Run("run", "--detach", "--bundle", Base, Id).ShouldBe((0, "", ""));
    }

    internal string Status() => JsonSerializer.Deserialize(Run("state", Id).Output, OciRuntimeJson.Default.ContainerState).ShouldNotBeNull().Status;

    internal int Pid() => JsonSerializer.Deserialize(Run("state", Id).Output, OciRuntimeJson.Default.ContainerState).ShouldNotBeNull().Pid;

    internal void WaitFor(string what, Func<bool> condition)
    {
        var deadline = Stopwatch.StartNew();
        while (!condition())
        {
            deadline.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), what);
            Thread.Sleep(10);
        }
    }

    /// <summary>Runs a command of the executable to its end; standard input is empty.</summary>
    internal (int Code, string Output, string Error) Run(params string[] args) => RunWith("", args);

    /// <summary>The same with a text as standard input.</summary>
    internal (int Code, string Output, string Error) RunWith(string input, params string[] args)
    {
        using var process = Start(input, out var files, args);
        process.WaitForExit(60_000).ShouldBeTrue($"'{string.Join(' ', args)}' did not end");
        return (process.ExitCode, File.ReadAllText(files + "out"), File.ReadAllText(files + "err"));
    }

    /// <summary>Starts a command; its streams go to files, as what it leaves running keeps them.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="files">Where the streams are: this and <c>out</c>, <c>err</c>.</param>
    /// <param name="args">The arguments behind <c>--root</c>.</param>
    internal Process Start(string input, out string files, params string[] args)
    {
        files = $"{Base}/{Guid.NewGuid():n}.";
        foreach (var (name, content) in new[] { ("in", input), ("out", ""), ("err", "") })
            File.WriteAllText(files + name, content);
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" --root {State} \"$@\" <{files}in >{files}out 2>{files}err", _program, .. args]) { UseShellExecute = false }).ShouldNotBeNull();
    }

    public void Dispose()
    {
        Run("delete", "--force", Id);
        Directory.Delete(Base, recursive: true);
        var host = CgroupHost.Detect();
        host.Exists(CgroupPath).ShouldBeFalse("a control group is left");
        host.TryRemoveEmpty("/sampan-runtime-tests");
    }
}
