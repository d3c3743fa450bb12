using System.Text;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>An attacker's thread that exchanges two names of a directory as fast as it can, until it is disposed of.</summary>
internal sealed class Exchange : IDisposable
{
    private readonly Thread _thread;
    private readonly DirectoryHandle _directory;
    private volatile bool _ends;
    private long _count;
    private LinuxException? _failure;

    internal Exchange(string directory, string first, string second)
    {
        _directory = DirectoryHandle.Open(directory);
        var (one, other) = (Encoding.UTF8.GetBytes(first), Encoding.UTF8.GetBytes(second));
        _thread = new Thread(() =>
        {
            try
            {
                while (!_ends)
                {
                    _directory.Rename(one, _directory, other, RenameFlags.Exchange);
                    Interlocked.Increment(ref _count);
                }
            }
            catch (LinuxException failure)
            {
                _failure = failure;
            }
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    /// <summary>How often they were exchanged.</summary>
    internal long Count => Interlocked.Read(ref _count);

    public void Dispose()
    {
        _ends = true;
        _thread.Join();
        _directory.Dispose();
        _failure.ShouldBeNull();
    }
}
