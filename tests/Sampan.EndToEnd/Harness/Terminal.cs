using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sampan.EndToEnd.Harness;

/// <summary>A command on a pseudo-terminal, driven like a person would: type, wait for words, resize the window.</summary>
internal sealed class Terminal : IAsyncDisposable
{
    private readonly SafeFileHandle _master;
    private readonly FileStream _stream;
    private readonly Process _process;
    private readonly StringBuilder _screen = new();
    private readonly Lock _gate = new();
    private readonly Task _reading;

    private readonly string _slave;

    private Terminal(SafeFileHandle master, string slave, Process process)
    {
        _slave = slave;
        _master = master;
        _process = process;
        _stream = new FileStream(master, FileAccess.ReadWrite, bufferSize: 0);
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>Everything the terminal showed, with <c>\r\n</c> line ends.</summary>
    public string Screen
    {
        get
        {
            lock (_gate)
            {
                return _screen.ToString();
            }
        }
    }

    public static Terminal Start(string file, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, int rows = 24, int columns = 80)
    {
        var master = Open("/dev/ptmx", ReadWrite | NoControllingTerminal | CloseOnExec);
        if (master < 0)
        {
            throw new Win32Exception();
        }

        var handle = new SafeFileHandle(master, ownsHandle: true);
        var unlock = 0;
        Control(master, SetLock, ref unlock);
        var number = 0;
        Control(master, GetNumber, ref number);
        SetSize(master, rows, columns);
        var slave = string.Create(CultureInfo.InvariantCulture, $"/dev/pts/{number}");

        // setsid -c makes the slave the controlling terminal, so that SIGWINCH and Ctrl-C arrive as they do for a person.
        var process = Shell.Start(
            "/bin/sh",
            ["-c", """tty=$1; shift; exec setsid -c -w "$@" <"$tty" >"$tty" 2>&1""", "sh", slave, file, .. arguments],
            new Dictionary<string, string>(environment, StringComparer.Ordinal) { ["TERM"] = "xterm" });
        return new Terminal(handle, slave, process);
    }

    public async Task TypeAsync(string text) => await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Waits until the terminal has shown <paramref name="words"/>.</summary>
    public async Task ShowsAsync(string words)
    {
        var deadline = DateTime.UtcNow + Shell.Patience;
        while (!Screen.Contains(words, StringComparison.Ordinal))
        {
            if (DateTime.UtcNow > deadline)
            {
                Assert.Fail($"the terminal never showed '{words}'; it showed:\n{Screen}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Sends the command a signal, as another program would.</summary>
    public async Task SignalAsync(string name)
    {
        // setsid forks when it leads a group already: then the command is its child.
        var pid = _process.Id.ToString(CultureInfo.InvariantCulture);
        var child = (await File.ReadAllTextAsync($"/proc/{pid}/task/{pid}/children")).Trim();
        (await Shell.RunAsync("/bin/kill", [$"-{name}", child.Length > 0 ? child : pid])).Succeeded();
    }

    /// <summary>Whether the terminal edits lines, echoes and makes signals of keys, as it did before the command.</summary>
    public async Task<bool> IsCookedAsync()
    {
        var modes = (await Shell.RunAsync("stty", ["-F", _slave, "-a"])).Succeeded().Split([' ', ';', '\n']);
        return new[] { "icanon", "echo", "isig", "opost", "icrnl" }.All(mode => modes.Contains(mode, StringComparer.Ordinal));
    }

    public void Resize(int rows, int columns) => SetSize((int)_master.DangerousGetHandle(), rows, columns);

    /// <summary>Waits for the command's end and returns its exit code.</summary>
    public async Task<int> EndAsync()
    {
        using var patience = new CancellationTokenSource(Shell.Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the command on the terminal did not end; it showed:\n{Screen}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        await _reading;
        await _stream.DisposeAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[4096];
        var decoder = Encoding.UTF8.GetDecoder();
        var characters = new char[4096];
        try
        {
            while (true)
            {
                var count = await _stream.ReadAsync(buffer);
                if (count == 0)
                {
                    return;
                }

                var decoded = decoder.GetChars(buffer, 0, count, characters, 0);
                lock (_gate)
                {
                    _screen.Append(characters, 0, decoded);
                }
            }
        }
        catch (IOException)
        {
            // EIO: the last process on the slave side has closed it.
        }
    }

    private static void SetSize(int master, int rows, int columns)
    {
        var size = new WindowSize { Rows = (ushort)rows, Columns = (ushort)columns };
        if (ControlSize(master, SetWindowSize, ref size) != 0)
        {
            throw new Win32Exception();
        }
    }

    private const int ReadWrite = 2;
    private const int NoControllingTerminal = 0x100;
    private const int CloseOnExec = 0x80000;
    private const ulong SetLock = 0x40045431;
    private const ulong GetNumber = 0x80045430;
    private const ulong SetWindowSize = 0x5414;

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Control(int descriptor, ulong request, ref int argument);

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ControlSize(int descriptor, ulong request, ref WindowSize argument);
}
