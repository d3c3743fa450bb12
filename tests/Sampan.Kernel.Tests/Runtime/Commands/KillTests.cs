using Sampan.Linux.Cgroups;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Signals to whole containers, and containers that do not want to go.</summary>
[Trait("guest", "long")]
public sealed class KillTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>Without a pid namespace the end of init ends nobody else.</summary>
    private static RuntimeSpec WithoutPids(RuntimeSpec spec, string script) => spec.WithProcess(process => process with { Args = ["sh", "-c", script] }) with
    {
        Linux = spec.Linux! with { Namespaces = [.. spec.Linux.Namespaces.Where(one => one.Type != "pid")] },
    };

    /// <summary>Every process makes others for ever, as many as the limit of 200 lets it.</summary>
    private const string Bomb = "f() { while :; do f & done; }; f 2>/dev/null";

    private void AwaitBomb()
    {
        using var cgroup = CgroupHost.Detect().Open(_bundle.CgroupPath);
        _bundle.WaitFor("the bomb does not go off", () => cgroup.ReadStatistics().Pids?.Current > 100);
    }

    [Fact]
    public void Kill_all_reaches_a_fork_bomb_without_pid_namespace()
    {
        _bundle.RunSleeping(spec => WithoutPids(spec, Bomb));
        AwaitBomb();
        _bundle.Run("kill", "--all", _bundle.Id, "KILL").ShouldBe((0, "", ""));
        using (var cgroup = CgroupHost.Detect().Open(_bundle.CgroupPath))
            cgroup.ReadPids().ShouldBeEmpty();
        _bundle.WaitFor("the container did not stop", () => _bundle.Status() == "stopped");
        _bundle.Run("delete", _bundle.Id).ShouldBe((0, "", ""));
    }

    [Fact]
    public void Delete_with_force_takes_a_fork_bomb_away()
    {
        _bundle.RunSleeping(spec => WithoutPids(spec, Bomb));
        AwaitBomb();
        _bundle.Run("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
        CgroupHost.Detect().Exists(_bundle.CgroupPath).ShouldBeFalse();
        _bundle.Run("delete", _bundle.Id).Error.ShouldContain("does not exist");
        _bundle.Run("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
    }

    [Fact]
    public void Kill_all_sends_a_signal_to_every_process()
    {
        const string Script = "trap 'echo 1 > /tmp/first' TERM; (trap 'echo 2 > /tmp/second' TERM; touch /tmp/ready; while :; do sleep 0.05; done) & while :; do sleep 0.05; done";
        _bundle.RunSleeping(spec => spec.WithProcess(process => process with { Args = ["sh", "-c", Script] }));
        _bundle.WaitFor("the second process is not ready", () => File.Exists(_bundle.Rootfs + "/tmp/ready"));
        _bundle.Run("kill", _bundle.Id, "TERM", "--all").ShouldBe((0, "", ""));
        _bundle.WaitFor("a process heard nothing", () => File.Exists(_bundle.Rootfs + "/tmp/first") && File.Exists(_bundle.Rootfs + "/tmp/second"));
    }

    [Fact]
    public void A_paused_container_is_killed_and_deleted()
    {
        _bundle.RunSleeping();
        _bundle.Run("pause", _bundle.Id).Code.ShouldBe(0);
        _bundle.Run("kill", _bundle.Id, "KILL").ShouldBe((0, "", ""));
        _bundle.WaitFor("the container did not stop", () => _bundle.Status() == "stopped");
        _bundle.Run("pause", _bundle.Id).Error.ShouldContain("container not running");
        _bundle.Run("delete", _bundle.Id).ShouldBe((0, "", ""));

        _bundle.RunSleeping();
        _bundle.Run("pause", _bundle.Id).Code.ShouldBe(0);
        _bundle.Run("delete", _bundle.Id).Error.ShouldContain("that is not stopped: paused");
        _bundle.Run("delete", "--force", _bundle.Id).ShouldBe((0, "", ""));
    }

    [Fact]
    public void What_is_no_signal_is_refused()
    {
        _bundle.RunSleeping();
        _bundle.Run("kill", _bundle.Id, "NOSUCH").Error.ShouldContain("unknown signal");
        _bundle.Run("kill", _bundle.Id, "65").Error.ShouldContain("unknown signal");
        _bundle.Run("kill", "nosuch").Error.ShouldContain("does not exist");
        _bundle.Status().ShouldBe("running");
    }
}
