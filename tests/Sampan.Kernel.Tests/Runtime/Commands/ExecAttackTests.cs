using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Cryptography;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary>Attacks of a container on the process that <c>exec</c> brings in, tried while that process is held at the door: inside, and not yet the program.</summary>
public sealed class ExecAttackTests : IDisposable
{
    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    /// <summary>What finds the runtime's process in the container's /proc, and says so.</summary>
    private const string Find = "for p in /proc/[0-9]*; do [ \"$(cat $p/comm 2>/dev/null)\" = sampan-runtime ] || continue; echo SEEN; ";

    [Fact]
    public void CVE_2016_9962_root_in_the_container_reaches_nothing_of_an_entering_process()
    {
        Start("CAP_KILL", "CAP_DAC_OVERRIDE", "CAP_SYS_CHROOT");
        using var door = new ConsoleDoor(_bundle.Base);
        using var entering = HoldAtTheDoor(door);
        const string Attack = Find + """
            readlink $p/exe && echo LEAK exe; for f in $p/fd/*; do readlink $f && echo LEAK fd; { : < $f; } && echo LEAK fd; done; ls $p/cwd/ && echo LEAK cwd; ls $p/root/ && echo LEAK root;
            { : < $p/mem; } && echo LEAK mem; { : > $p/mem; } && echo LEAK mem; [ -z "$(cat $p/maps)" ] || echo LEAK maps; [ -z "$(cat $p/environ)" ] || echo LEAK environ; done 2>/dev/null
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
}
