using System.Diagnostics;

namespace Sampan.Conformance.Harness;

/// <summary>
/// Takes the terminal that a runtime sends to a console socket. .NET receives no descriptors, so python does, as engines do: it listens, receives, and copies what the
/// terminal says to a pipe until its end.
/// </summary>
internal sealed class ConsoleReceiver : IDisposable
{
    private const string Program = """
        import array, os, socket, sys
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(sys.argv[1])
        listener.listen()
        sys.stdout.write('listening\n')
        sys.stdout.flush()
        connection, _ = listener.accept()
        _, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_SPACE(4))
        master = array.array('i', ancillary[0][2][:4])[0]
        connection.close()
        while True:
            try:
                said = os.read(master, 4096)
            except OSError:
                break
            if not said:
                break
            os.write(1, said)
        """;

    private readonly Process _python;

    internal ConsoleReceiver(string path)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "/usr/bin/python3 is missing, which receives the terminal: install python3");
        Path = path;
        _python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Program, path]) { RedirectStandardOutput = true, UseShellExecute = false }).ShouldNotBeNull();
        _python.StandardOutput.ReadLine().ShouldBe("listening");
    }

    internal string Path { get; }

    /// <summary>All that is printed on the terminal until nobody has it open any more.</summary>
    internal string ReadToEnd() => _python.StandardOutput.ReadToEnd();

    public void Dispose()
    {
        _python.Kill();
        _python.WaitForExit();
        _python.Dispose();
    }
}
