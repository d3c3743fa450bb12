using System.Text;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Io;

namespace Sampan.Cli.Output;

/// <summary>
/// The three standard streams. Not System.Console: its terminal set-up would cost a tenth of the start-up time and fight
/// with raw mode.
/// </summary>
internal sealed class StandardIo : IDisposable
{
    private readonly StreamWriter _out;
    private readonly StreamWriter _error;

    public StandardIo()
    {
        OutStream = new DescriptorStream(1);
        ErrorStream = new DescriptorStream(2);
        _out = new StreamWriter(OutStream, new UTF8Encoding(false), 8192, leaveOpen: true) { NewLine = "\n" };
        _error = new StreamWriter(ErrorStream, new UTF8Encoding(false), 1024, leaveOpen: true) { NewLine = "\n", AutoFlush = true };
    }

    /// <summary>Streams of a test.</summary>
    public StandardIo(Stream input, Stream output, Stream error)
    {
        In = input;
        (OutStream, ErrorStream) = (output, error);
        _out = new StreamWriter(output, new UTF8Encoding(false), 1024, leaveOpen: true) { NewLine = "\n" };
        _error = new StreamWriter(error, new UTF8Encoding(false), 1024, leaveOpen: true) { NewLine = "\n", AutoFlush = true };
    }

    public TextWriter Out => _out;

    public TextWriter Error => _error;

    public Stream OutStream { get; }

    public Stream ErrorStream { get; }

    public Stream In { get => field ??= Open(0, FileAccess.Read); }

    public static bool InIsTerminal => TerminalMode.IsTerminal(0);

    public static bool OutIsTerminal => TerminalMode.IsTerminal(1);

    public static bool ErrorIsTerminal => TerminalMode.IsTerminal(2);

    public void Flush() => _out.Flush();

    public void Dispose()
    {
        _out.Dispose();
        _error.Dispose();
    }

    private static FileStream Open(int fd, FileAccess access) => new(new SafeFileHandle(fd, ownsHandle: false), access, bufferSize: 0, isAsync: false);
}
