using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Containers as services of systemd: sockets that are passed on, and readiness that is told. The test is the manager.</summary>
[Trait("guest", "long")]
public sealed class ServiceManagerTests : IDisposable
{
    private readonly CommandBundle _bundle = new();
    private readonly string _address;
    private readonly Socket _manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    public ServiceManagerTests()
    {
        _address = _bundle.Base + "/manager.sock";
        _manager.Bind(new UnixDomainSocketEndPoint(_address));
        _manager.ReceiveTimeout = 60_000;
    }

    public void Dispose()
    {
        _manager.Dispose();
        _bundle.Dispose();
    }

    /// <summary>Calls the executable with something set and opened before, in the same process.</summary>
    private Process Start(string before, string streams, params string[] args)
    {
        var script = $"{before}\nexec \"$0\" --root {_bundle.State} \"$@\" </dev/null >{_bundle.Base}/{streams}.out 2>{_bundle.Base}/{streams}.err";
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, _bundle.Program, .. args]) { UseShellExecute = false }).ShouldNotBeNull();
    }

    private (int Code, string Output, string Error) Call(string before, params string[] args)
    {
        using var process = Start(before, "call", args);
        return End(process, "call");
    }

    private (int Code, string Output, string Error) End(Process process, string streams)
    {
        process.WaitForExit(60_000).ShouldBeTrue("the call did not end");
        return (process.ExitCode, File.ReadAllText($"{_bundle.Base}/{streams}.out"), File.ReadAllText($"{_bundle.Base}/{streams}.err"));
    }

    private string Notified => $"export NOTIFY_SOCKET='{_address}'";

    private string Hear()
    {
        var buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, _manager.Receive(buffer));
    }

    /// <summary>Says something as the container would: through its own name of its socket.</summary>
    private void Say(int pid, params string[] messages)
    {
        var path = $"/proc/{pid}/root/run/notify/notify.sock";
        _bundle.WaitFor("the container's socket is not there", () => File.Exists(path));
        using var container = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        container.Connect(new UnixDomainSocketEndPoint(path));
        foreach (var message in messages)
            container.Send(Encoding.UTF8.GetBytes(message));
    }

    [Fact]
    public void Start_waits_until_the_container_says_that_it_is_ready_and_tells_the_manager_that_alone()
    {
        _bundle.Write(_bundle.Spec("sleep", "10000"));
        Call(Notified, "create", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((0, "", ""));
        var pid = _bundle.Pid();
        using var start = Start(Notified, "start", "start", _bundle.Id);
        Say(pid, "", "STATUS=not yet", "MAINPID=1", new string('x', 20_000), "FDSTORE=1");
        start.HasExited.ShouldBeFalse();
        Say(pid, "STATUS=up\nREADY=1\nMAINPID=1");
        Hear().ShouldBe("READY=1\n");
        Hear().ShouldBe($"MAINPID={pid}\n");
        Hear().ShouldBe("BARRIER=1");
        End(start, "start").ShouldBe((0, "", ""));
        File.ReadAllText($"/proc/{pid}/environ").ShouldContain("NOTIFY_SOCKET=/run/notify/notify.sock");
        File.ReadAllLines($"/proc/{pid}/mounts").Single(line => line.Contains(" /run/notify ", StringComparison.Ordinal)).ShouldContain(" ro,nosuid,nodev,noexec");
    }

    [Fact]
    public void In_the_foreground_the_runtime_stays_the_process_that_is_watched()
    {
        _bundle.Write(_bundle.Spec("sleep", "10000"));
        using var run = Start(Notified, "run", "run", "--bundle", _bundle.Base, _bundle.Id);
        _bundle.WaitFor("the container does not run", () => _bundle.Run("state", _bundle.Id) is (0, var state, _) && state.Contains("\"running\"", StringComparison.Ordinal));
        Say(_bundle.Pid(), "READY=1");
        Hear().ShouldBe("READY=1\n");
        _bundle.Run("kill", _bundle.Id, "KILL").ShouldBe((0, "", ""));
        End(run, "run").Code.ShouldBe(137);
        _manager.Available.ShouldBe(0, "more was told than that it is ready");
    }

    [Fact]
    public void A_manager_that_is_gone_does_not_end_the_container()
    {
        _bundle.Write(_bundle.Spec("sleep", "10000"));
        Call(Notified, "create", "--bundle", _bundle.Base, _bundle.Id).Code.ShouldBe(0);
        _manager.Dispose();
        using var start = Start(Notified, "start", "start", _bundle.Id);
        Say(_bundle.Pid(), "READY=1");
        var (code, _, error) = End(start, "start");
        code.ShouldBe(0);
        error.ShouldContain("nobody was told that the container is ready");
        _bundle.Status().ShouldBe("running");
    }

    [Fact]
    public void A_container_that_ends_is_not_waited_for()
    {
        _bundle.Write(_bundle.Spec("true"));
        Call(Notified, "run", "--detach", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((0, "", ""));
        _manager.Available.ShouldBe(0);
    }

    [Fact]
    public void A_start_that_is_to_tell_of_a_container_that_cannot_warns()
    {
        _bundle.Write(_bundle.Spec("sleep", "10000"));
        _bundle.Run("create", "--bundle", _bundle.Base, _bundle.Id).Code.ShouldBe(0);
        var (code, _, error) = Call(Notified, "start", _bundle.Id);
        code.ShouldBe(0);
        error.ShouldContain("NOTIFY_SOCKET is set, but the container was created without");
    }

    [Fact]
    public void Listening_sockets_are_passed_on_before_what_else_is_kept()
    {
        File.WriteAllText(_bundle.Base + "/first", "one\n");
        File.WriteAllText(_bundle.Base + "/second", "two\n");
        File.WriteAllText(_bundle.Base + "/third", "three\n");
        var open = $"exec 3<{_bundle.Base}/first 4<{_bundle.Base}/second 5<{_bundle.Base}/third";
        _bundle.Write(_bundle.Spec("sh", "-c", "echo $LISTEN_FDS $LISTEN_PID; cat <&3; cat <&4; [ -e /proc/self/fd/5 ] && echo too many"));
        Call($"{open}; export LISTEN_FDS=1 LISTEN_PID=$$", "run", "--preserve-fds", "1", "--bundle", _bundle.Base, _bundle.Id).Output.ShouldBe("1 1\none\ntwo\n");
        // What is meant for another process stays here.
        Call($"{open}; export LISTEN_FDS=2 LISTEN_PID=1", "run", "--bundle", _bundle.Base, _bundle.Id).Output.ShouldBe("\n");
    }

    [Fact]
    public void Descriptors_that_the_caller_has_not_opened_are_refused()
    {
        _bundle.Write(_bundle.Spec("true"));
        var (code, _, error) = Call("exec 3</dev/null 4<&-", "run", "--preserve-fds", "2", "--bundle", _bundle.Base, _bundle.Id);
        code.ShouldBe(1);
        error.ShouldContain("cannot keep descriptor 4");
        Call("exec 3</dev/null 4<&-; export LISTEN_FDS=2 LISTEN_PID=$$", "run", "--bundle", _bundle.Base, _bundle.Id).Error.ShouldContain("cannot keep descriptor 4");
        Call("export LISTEN_FDS=100000 LISTEN_PID=$$", "run", "--bundle", _bundle.Base, _bundle.Id).Error.ShouldContain("LISTEN_FDS is 100000");
    }
}
