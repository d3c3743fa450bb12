using System.Net.Sockets;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Fields;

/// <summary><c>linux.seccomp</c>: its actions, and calls that wait for an agent.</summary>
[Trait("guest", "long")]
public sealed class SeccompListenerTests : IDisposable
{
    private readonly OciBundle _bundle = new();
    private readonly string _socket = Path.Combine(Path.GetTempPath(), $"sampan-agent-{Guid.NewGuid():n}.sock");

    public void Dispose()
    {
        _bundle.Dispose();
        File.Delete(_socket);
    }

    private RuntimeSpec Filtered(Oci.Runtime.Seccomp seccomp, string script, bool noNewPrivileges = false)
    {
        var spec = _bundle.Spec(script).WithProcess(process => process with { NoNewPrivileges = noNewPrivileges });
        return spec with { Linux = spec.Linux! with { Seccomp = seccomp }, Annotations = new Dictionary<string, string> { ["org.example"] = "harbour" } };
    }

    private static Oci.Runtime.Seccomp Rule(string action, uint? errno, params string[] names) =>
        new() { DefaultAction = "SCMP_ACT_ALLOW", Syscalls = [new SeccompRule { Names = names, Action = action, ErrnoRet = errno }] };

    [Theory]
    [InlineData("SCMP_ACT_ERRNO", 38u, "Function not implemented")]
    [InlineData("SCMP_ACT_ERRNO", null, "Operation not permitted")]
    [InlineData("SCMP_ACT_KILL_PROCESS", null, "Bad system call")]
    [InlineData("SCMP_ACT_KILL", null, "Bad system call")]
    [InlineData("SCMP_ACT_TRAP", null, "Bad system call")]
    [InlineData("SCMP_ACT_TRACE", 0u, "Function not implemented")]
    public void An_action_does_what_it_says(string action, uint? errno, string seen)
    {
        var (_, output, error) = _bundle.Run(Filtered(Rule(action, errno, "mkdir", "mkdirat"), "mkdir /tmp/x 2>&1; true"));
        (output + error).ShouldContain(seen);
    }

    [Fact]
    public void A_logged_call_goes_ahead() => _bundle.Run(Filtered(Rule("SCMP_ACT_LOG", null, "mkdir", "mkdirat"), "mkdir /tmp/x && echo made")).ShouldBe((0, "made", ""));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_agent_gets_the_listener_with_the_state_of_the_process(bool noNewPrivileges)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(_socket));
        listener.Listen();
        var seccomp = Rule("SCMP_ACT_NOTIFY", null, "mkdir", "mkdirat") with { ListenerPath = _socket, ListenerMetadata = "for the agent", Flags = ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"] };
        var agent = Task.Run(() => SeccompAgent.ServeOne(listener, answer: -(int)Errno.ENOSPC), TestContext.Current.CancellationToken);
        var (code, output, error) = _bundle.Run(Filtered(seccomp, "mkdir /tmp/x 2>&1; test -d /tmp/x || echo denied", noNewPrivileges));
        (code, error).ShouldBe((0, ""));
        output.ShouldContain("No space left on device");
        output.ShouldContain("denied");
        var state = JsonSerializer.Deserialize(await agent, OciRuntimeJson.Default.ContainerProcessState).ShouldNotBeNull();
        state.Fds.ShouldBe(["seccompFd"]);
        state.Metadata.ShouldBe("for the agent");
        state.Pid.ShouldBeGreaterThan(1);
        var container = state.State.ShouldNotBeNull();
        (container.Id, container.Pid).ShouldBe((_bundle.Id, state.Pid));
        container.Annotations["org.example"].ShouldBe("harbour");
    }

    [Fact]
    public void An_agent_that_is_not_there_fails_the_start()
    {
        var (code, _, error) = _bundle.Run(Filtered(Rule("SCMP_ACT_NOTIFY", null, "mkdir") with { ListenerPath = _socket }, "true"));
        code.ShouldBe(1);
        error.Plain().ShouldContain("linux.seccomp.listenerPath");
    }

    [Fact]
    public void What_could_never_be_answered_is_refused()
    {
        _bundle.Run(Filtered(Rule("SCMP_ACT_NOTIFY", null, "mkdir"), "true")).Error.Plain().ShouldContain("linux.seccomp.listenerPath is missing");
        _bundle.Run(Filtered(Rule("SCMP_ACT_NOTIFY", null, "sendmsg") with { ListenerPath = _socket }, "true")).Error.Plain().ShouldContain("cannot be used for sendmsg");
        _bundle.Run(Filtered(new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_NOTIFY", ListenerPath = _socket }, "true")).Error.Plain().ShouldContain("linux.seccomp.defaultAction cannot be");
        _bundle.Run(Filtered(Rule("SCMP_ACT_ALLOW", null, "mkdir") with { ListenerMetadata = "x" }, "true")).Error.Plain().ShouldContain("linux.seccomp.listenerMetadata: is set, but");
        _bundle.Run(Filtered(Rule("SCMP_ACT_ALLOW", 5, "mkdir"), "true")).Error.Plain().ShouldContain("linux.seccomp.syscalls[0].errnoRet: SCMP_ACT_ALLOW takes none");
    }

    [Fact]
    public void A_listener_path_without_calls_that_wait_is_ignored_as_the_specification_says() =>
        _bundle.Run(Filtered(Rule("SCMP_ACT_ALLOW", null, "mkdir") with { ListenerPath = _socket }, "echo ran")).ShouldBe((0, "ran", ""));
}
