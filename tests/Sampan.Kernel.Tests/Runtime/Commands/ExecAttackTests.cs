using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Attacks of a container on the process that <c>exec</c> brings in, tried while that process is held at the door: inside, and not yet the program.</summary>
[Trait("guest", "long")]
public sealed class ExecAttackTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>What finds the runtime's process in the container's /proc, and says so.</summary>
    /// <remarks>A redirection of <c>:</c> that fails ends the shell: it needs one of its own.</remarks>
    private const string Find = "for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = sampan-runtime ] || continue; echo SEEN; ";

    [Fact]
    public void CVE_2016_9962_root_in_the_container_reaches_nothing_of_an_entering_process()
    {
        Start("CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_SYS_CHROOT");
        using var door = new ConsoleDoor(_bundle.Base);
        using var entering = HoldAtTheDoor(door);
        const string Attack = Find + """
            readlink $p/exe && echo LEAK exe; for f in $p/fd/*; do readlink $f && echo LEAK fd; ( : < $f ) && echo LEAK fd; done; ls $p/cwd/ && echo LEAK cwd; ls $p/root/ && echo LEAK root;
            ( : < $p/mem ) && echo LEAK mem; ( : > $p/mem ) && echo LEAK mem; [ -z "$(cat $p/maps)" ] || echo LEAK maps; [ -z "$(cat $p/environ)" ] || echo LEAK environ; done 2>/dev/null
            """;
        var (_, output, _) = _bundle.Run("exec", _bundle.Id, "sh", "-c", Attack);
        door.Open();
        entering.WaitForExit(60_000).ShouldBeTrue();
        output.ShouldContain("SEEN", Case.Sensitive, "the attack did not meet the entering process");
        output.ShouldNotContain("LEAK");
        entering.ExitCode.ShouldBe(0);
    }

    [Fact]
    public void CVE_2019_5736_not_even_who_may_trace_can_write_the_program_behind_an_entering_process()
    {
        var before = Digest();
        Start("CAP_SYS_PTRACE", "CAP_DAC_OVERRIDE");
        using var door = new ConsoleDoor(_bundle.Base);
        using var entering = HoldAtTheDoor(door);
        // The file is kept open and written again when nobody runs from that process any more.
        const string Attack = Find + """
            exec 9<$p/exe && echo HELD; { echo x > $p/exe; } && echo WROTE; { echo x > /proc/self/fd/9; } && echo WROTE;
            touch /tmp/held; while [ ! -e /tmp/gone ]; do sleep 0.05; done; { echo x > /proc/self/fd/9; } && echo WROTE; done 2>/dev/null
            """;
        using var attack = _bundle.Start("", out var files, "exec", _bundle.Id, "sh", "-c", Attack);
        _bundle.WaitFor("the attack did not get hold of the program", () => File.Exists(_bundle.Rootfs + "/tmp/held"));
        door.Open();
        entering.WaitForExit(60_000).ShouldBeTrue();
        File.WriteAllText(_bundle.Rootfs + "/tmp/gone", "");
        attack.WaitForExit(60_000).ShouldBeTrue();
        var output = File.ReadAllText(files + "out");
        output.ShouldContain("HELD", Case.Sensitive, "the attack did not meet the entering process");
        output.ShouldNotContain("WROTE");
        Digest().ShouldBe(before);
    }

    [Fact]
    public void CVE_2016_9962_nor_when_it_has_given_up_what_the_container_has_not()
    {
        // Before that the kernel itself forbids it, as the process has more rights than the container. It is held after it, where it asks for an agent of its filter.
        using var door = new AgentDoor(_bundle.Base);
        string[] capabilities = ["CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_SYS_CHROOT"];
        const string Mask = "0000000000040022";
        const string Attack = "while :; do " + Find + """
            readlink $p/exe && echo LEAK exe; for f in $p/fd/*; do readlink $f && echo LEAK fd; done; ls $p/cwd/ && echo LEAK cwd; ( : < $p/mem ) && echo LEAK mem; [ -z "$(cat $p/maps)" ] || echo LEAK maps;
            done 2>/dev/null; sleep 0.01; done
            """;
        var spec = _bundle.Spec("sh", "-c", Attack + " > /tmp/said").WithProcess(process => process with
        {
            NoNewPrivileges = true,
            Capabilities = new CapabilitySets { Bounding = capabilities, Permitted = capabilities, Effective = capabilities },
        });
        var filter = new Oci.Runtime.Seccomp { DefaultAction = "SCMP_ACT_ALLOW", ListenerPath = door.Path, Syscalls = [new SeccompRule { Names = ["swapon"], Action = "SCMP_ACT_NOTIFY" }] };
        _bundle.Write(spec with { Linux = spec.Linux! with { Seccomp = filter } });
        _bundle.Run("run", "--detach", "--bundle", _bundle.Base, _bundle.Id).ShouldBe((0, "", ""));
        door.Close();
        using var entering = _bundle.Start("", out _, "exec", "--detach", _bundle.Id, "true");
        _bundle.WaitFor("nothing entered with the container's rights alone", () => Pids().Any(pid => Text(pid, "comm").StartsWith("sampan-runtime", StringComparison.Ordinal) && Text(pid, "status").Contains("CapPrm:\t" + Mask, StringComparison.Ordinal)));
        string Said() => File.ReadAllText(_bundle.Rootfs + "/tmp/said");
        var rounds = Said().Split("SEEN").Length;
        _bundle.WaitFor("the attack does not meet the entering process", () => Said().Split("SEEN").Length > rounds + 2);
        // Behind the door it is the container's own program, which the attack may meet when it looked at its name just before.
        var said = Said();
        door.Open();
        entering.WaitForExit(60_000).ShouldBeTrue();
        entering.ExitCode.ShouldBe(0);
        said.ShouldNotContain("LEAK");
    }

    private int[] Pids() => System.Text.Json.JsonSerializer.Deserialize<int[]>(_bundle.Run("ps", "--format", "json", _bundle.Id).Output) ?? [];

    /// <summary>A file of a process; empty if that is gone.</summary>
    private static string Text(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private string Digest() => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(_bundle.Program)));

    private void Start(params string[] capabilities) => _bundle.RunSleeping(spec => spec.WithProcess(process => process with
    {
        Capabilities = new CapabilitySets { Bounding = capabilities, Permitted = capabilities, Effective = capabilities },
    }));

    /// <summary>An exec whose command waits for its console to be taken, and whose clone waits for the command.</summary>
    private Process HoldAtTheDoor(ConsoleDoor door)
    {
        var process = _bundle.Start("", out _, "exec", "--tty", "--detach", "--console-socket", door.Path, _bundle.Id, "true");
        _bundle.WaitFor("nothing entered", () => _bundle.Run("ps", "--format", "json", _bundle.Id).Output.Contains(','));
        return process;
    }

    /// <summary>A console socket that nobody gets into before <see cref="Open"/>: its queue is full.</summary>
    private sealed class ConsoleDoor : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Socket _filler = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        internal ConsoleDoor(string directory)
        {
            Path = directory + "/door";
            _listener.Bind(new UnixDomainSocketEndPoint(Path));
            _listener.Listen(0);
            _filler.Connect(new UnixDomainSocketEndPoint(Path));
        }

        internal string Path { get; }

        internal void Open()
        {
            _listener.Accept().Dispose();
            _ = _listener.AcceptAsync(TestContext.Current.CancellationToken);
        }

        public void Dispose()
        {
            _filler.Dispose();
            _listener.Dispose();
        }
    }

    /// <summary>An agent for filters, who takes the first one, and after <see cref="Close"/> none until <see cref="Open"/>.</summary>
    private sealed class AgentDoor : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Socket _filler = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly Task<Socket> _first;

        internal AgentDoor(string directory)
        {
            Path = directory + "/agent";
            _listener.Bind(new UnixDomainSocketEndPoint(Path));
            _listener.Listen(0);
            _first = _listener.AcceptAsync(TestContext.Current.CancellationToken).AsTask();
        }

        internal string Path { get; }

        internal void Close()
        {
            _first.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken).ShouldBeTrue("nobody brought the container's filter");
            _filler.Connect(new UnixDomainSocketEndPoint(Path));
        }

        internal void Open()
        {
            _listener.Accept().Dispose();
            _ = _listener.AcceptAsync(TestContext.Current.CancellationToken);
        }

        public void Dispose()
        {
            _filler.Dispose();
            _listener.Dispose();
        }
    }
}
