using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;

namespace Sampan.Kernel.Tests.Runtime.Commands;

/// <summary><c>run</c> and <c>exec</c> in the foreground on a terminal of ours.</summary>
[Trait("guest", "long")]
public sealed class TerminalTests : IDisposable
{
    private const int SIGWINCH = 28;
    private const string Program = "tty; stty size; while [ \"$(stty size)\" = '30 100' ]; do sleep 0.05; done; stty size; read line; echo got:$line; exit 5";

    private readonly CommandBundle _bundle = new();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void Run_joins_the_containers_terminal_to_the_callers()
    {
        _bundle.Write(_bundle.Spec("sh", "-c", Program).WithProcess(process => process with { Terminal = true }));
        Converse("run", "--bundle", _bundle.Base, _bundle.Id);
        Directory.GetFileSystemEntries(_bundle.State).ShouldBeEmpty("run did not delete the container");
    }

    [Fact]
    public void A_terminal_and_hooks_go_together()
    {
        // dockerd asks for both: its network comes by a prestart hook.
        Hook Note(string name) => new() { Path = "/bin/sh", Args = ["sh", "-c", $"cat >/dev/null; echo {name} >> {_bundle.Base}/hooks"] };
        _bundle.Write(_bundle.Spec("tty").WithProcess(process => process with { Terminal = true }) with { Hooks = new Hooks { Prestart = [Note("prestart")], CreateContainer = [Note("createContainer")] } });
        var (code, output, error) = _bundle.Run("run", "--bundle", _bundle.Base, _bundle.Id);
        (code, error).ShouldBe((0, ""));
        output.ShouldStartWith("/dev/");
        File.ReadAllText(_bundle.Base + "/hooks").ShouldBe("prestart\ncreateContainer\n");
    }

    [Fact]
    public void Exec_joins_a_terminal_of_the_container_to_the_callers()
    {
        _bundle.RunSleeping();
        Converse("exec", "--tty", _bundle.Id, "sh", "-c", Program);
    }

    [Fact]
    public void Input_from_a_file_and_output_to_one_go_through_the_terminal()
    {
        _bundle.RunSleeping();
        var lines = string.Concat(Enumerable.Range(0, 3000).Select(number => $"line {number}\n"));
        var (code, output, error) = _bundle.RunWith(lines, "exec", "-t", _bundle.Id, "sh", "-c", "stty -echo; tty; head -n 3000 | wc -l");
        (code, error).ShouldBe((0, ""));
        output.ShouldEndWith("3000\r\n");
    }

    [Fact]
    public void A_terminal_that_nobody_takes_is_refused()
    {
        _bundle.Write(_bundle.Spec("true").WithProcess(process => process with { Terminal = true }));
        _bundle.Run("create", "--bundle", _bundle.Base, _bundle.Id).Error.ShouldContain("cannot allocate tty if sampan-runtime will detach without setting console socket");
        _bundle.Run("run", "--detach", "--bundle", _bundle.Base, _bundle.Id).Error.ShouldContain("cannot allocate tty");
        _bundle.Write(_bundle.Spec("true"));
        _bundle.Run("create", "--console-socket", "/no/such", "--bundle", _bundle.Base, _bundle.Id).Error.ShouldContain("cannot use console socket if sampan-runtime will not detach or allocate tty");
        _bundle.Run("state", _bundle.Id).Error.ShouldContain("does not exist");
    }

    private void Converse(params string[] args)
    {
        using var devpts = HostFile.Open("/dev/pts", OpenFlags.Path | OpenFlags.Directory);
        using var master = Terminal.OpenMaster(devpts);
        using var peer = Terminal.OpenPeer(master);
        Terminal.Resize(master, 30, 100);
        ByteChannel.SetNonBlocking(master);
        var seen = new StringBuilder();
        using var process = PidFd.Open(ProcessSpawner.Spawn(_bundle.Program, ["sampan-runtime", "--root", _bundle.State, .. args], null, new SpawnOptions { Stdin = peer, Stdout = peer, Stderr = peer }));
        AwaitText(master, seen, "30 100\r\n");
        seen.ToString().ShouldContain("/dev/"); // tty, of the container
        Terminal.Resize(master, 40, 120);
        process.Send(SIGWINCH);
        AwaitText(master, seen, "40 120\r\n");
        ByteChannel.Write(master, "hello\r"u8).ShouldBe(6); // the terminal of the container makes a line of it, ours is raw
        AwaitText(master, seen, "got:hello\r\n");
        process.Reap().ShouldNotBeNull().ExitCode.ShouldBe(5);

        // Our terminal is what it was: it echoes and makes lines again.
        ByteChannel.Write(master, "x\n"u8).ShouldBe(2);
        AwaitText(master, seen, "got:hello\r\nx\r\n");
    }

    private static void AwaitText(SafeFd master, StringBuilder seen, string wanted)
    {
        var buffer = new byte[4096];
        var deadline = Environment.TickCount64 + 60_000;
        while (!seen.ToString().Contains(wanted, StringComparison.Ordinal))
        {
            Environment.TickCount64.ShouldBeLessThan(deadline, $"'{wanted}' did not come, but: {seen}");
            var count = ByteChannel.Read(master, buffer);
            if (count > 0)
                seen.Append(Encoding.UTF8.GetString(buffer, 0, count));
            else
                Thread.Sleep(10);
        }
    }
}
