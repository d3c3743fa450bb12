using System.Net;
using System.Net.Sockets;

namespace Sampan.EndToEnd.Harness;

/// <summary>
/// Ports of the host that no other test is given. Not those that the kernel and the engine hand out by themselves: none of their connections takes one
/// meanwhile, nor does another engine whose own chosen port was this one while no daemon holds it.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;

    private static int _last;

    public static int Next()
    {
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            // Those of two processes of tests lie apart, though their ids follow each other.
            var port = First + (int)(((Environment.ProcessId * 1009L) + Interlocked.Increment(ref _last)) % Count);
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException($"no port between {First} and {First + Count} is free");
    }
}
