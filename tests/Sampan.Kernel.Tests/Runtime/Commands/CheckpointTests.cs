using System.Diagnostics;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary><c>checkpoint</c> and <c>restore</c>.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>A program that counts in memory and says where it is.</summary>
    private const string Counter = "i=0; while true; do i=$((i+1)); echo $i > /tmp/count; sleep 0.05; done";

    private int Count() => int.TryParse(File.Exists(_bundle.Rootfs + "/tmp/count") ? File.ReadAllText(_bundle.Rootfs + "/tmp/count") : "", out var count) ? count : 0;

    private void RunCounter()
    {
        _bundle.Write(_bundle.Spec("sh", "-c", Counter));
        // The streams of a container that goes to disk lie inside of it: /dev/null does, a file of the host does not.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" --root \"$1\" run --detach --bundle \"$2\" \"$3\" </dev/null >/dev/null 2>&1", _bundle.Program, _bundle.State, _bundle.Base, _bundle.Id]) { UseShellExecute = false }).ShouldNotBeNull();
        process.WaitForExit(60_000).ShouldBeTrue();
        process.ExitCode.ShouldBe(0);
        _bundle.WaitFor("the program does not count", () => Count() > 5);
    }

    [Fact]
    public void A_container_goes_to_disk_and_comes_back_where_it_was()
    {
        RequireCriu();
        RunCounter();
        var images = _bundle.Base + "/images";
        _bundle.Run("checkpoint", "--image-path", images, "--empty-ns", "network", _bundle.Id).ShouldBe((0, "", ""));
        _bundle.Run("state", _bundle.Id).Error.ShouldContain("does not exist");
        var then = Count();
        then.ShouldBeGreaterThan(5);
        _bundle.Run("restore", "--detach", "--pid-file", _bundle.Base + "/pid", "--bundle", _bundle.Base, "--image-path", images, "--empty-ns", "network", _bundle.Id).ShouldBe((0, "", ""));
        _bundle.Status().ShouldBe("running");
        _bundle.Pid().ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(File.ReadAllText(_bundle.Base + "/pid"));
        _bundle.WaitFor("the program does not go on", () => Count() > then);
        _bundle.Run("exec", _bundle.Id, "echo", "inside").ShouldBe((0, "inside\n", ""));
    }

    [Fact]
    public void Without_criu_they_say_so_and_a_criu_that_fails_leaves_the_container_running()
    {
        _bundle.RunSleeping();
        var images = _bundle.Base + "/images";
        _bundle.Run("--criu", "/no/such/criu", "checkpoint", "--image-path", images, _bundle.Id).Error.ShouldContain("cannot run '/no/such/criu', which checkpoint and restore need: install criu");
        var failing = _bundle.Base + "/criu";
        File.WriteAllText(failing, $"#!/bin/sh\nprintf '(00.1) quiet\\n(00.2) Error (x.c:1): broken\\n' > {images}/dump.log\nexit 1\n");
        File.SetUnixFileMode(failing, (UnixFileMode)0x1ed);
        _bundle.Run("--criu", failing, "checkpoint", "--image-path", images, _bundle.Id).Error.ShouldContain("criu failed: (00.2) Error (x.c:1): broken");
        _bundle.Status().ShouldBe("running");
        _bundle.Run("restore", "--image-path", _bundle.Base + "/nowhere", "--bundle", _bundle.Base, _bundle.Id + "x").Error.ShouldContain("is no checkpoint of a container");
        _bundle.Run("list", "-q").Output.ShouldBe(_bundle.Id + "\n");
    }

    [Fact]
    public void What_would_be_lost_is_refused_by_name()
    {
        _bundle.RunSleeping(spec => spec with { Hooks = new Hooks { CreateContainer = [new Hook { Path = "/bin/true" }] } });
        _bundle.Run("checkpoint", _bundle.Id).Error.ShouldContain("createContainer hooks");
        _bundle.Run("checkpoint", "--lazy-pages", _bundle.Id).Error.ShouldContain("--lazy-pages is not supported");
        _bundle.Run("checkpoint", "--empty-ns", "pid", _bundle.Id).Error.ShouldContain("--empty-ns");
        _bundle.Run("restore", "--console-socket", "/x", _bundle.Id).Error.ShouldContain("--console-socket is not supported");
        _bundle.Run("kill", _bundle.Id, "KILL").Code.ShouldBe(0);
        _bundle.WaitFor("the container did not stop", () => _bundle.Status() == "stopped");
        _bundle.Run("checkpoint", _bundle.Id).Error.ShouldContain("container not running");
    }

    private static void RequireCriu()
    {
        if (!File.Exists("/usr/sbin/criu"))
            Assert.Skip("criu is missing: install criu");
        using var check = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "criu check 2>&1"]) { UseShellExecute = false, RedirectStandardOutput = true }).ShouldNotBeNull();
        var said = check.StandardOutput.ReadToEnd();
        check.WaitForExit(60_000).ShouldBeTrue();
        if (said.Contains("Could not initialize kernel features detection", StringComparison.Ordinal))
            Assert.Skip($"criu does not work on this kernel: {said.Split('\n')[0]}");
    }
}
