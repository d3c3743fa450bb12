using Sampan.Linux;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Processes;

namespace Sampan.Network;

public sealed partial class NetworkService
{
    private NftMonitor? _monitor;
    private Thread? _watching;
    private int _assertIsDue;

    /// <summary>
    /// From now on, a table that somebody flushes, removes or changes is written again as it should be (CVE-2025-54410: a
    /// firewall's reload opened networks to each other). One thread waits for the kernel's word, the host thread acts.
    /// </summary>
    private void WatchRules()
    {
        var monitor = _monitor = NftMonitor.Open();
        var own = Nft.Port;
        _watching = OwnThread.Start("firewall", () => Watch(monitor, own));
    }

    private void Watch(NftMonitor monitor, uint own)
    {
        try
        {
            while (monitor.Wait(_options.Bridge, own))
            {
                if (Interlocked.Exchange(ref _assertIsDue, 1) == 0)
                    _thread.TryPost(Reassert);
            }
        }
        catch (LinuxException failure)
        {
            _trouble($"nobody watches the table '{_options.Bridge}' of the packet filter any more: {failure.Message}");
        }
    }

    private void Reassert()
    {
        Volatile.Write(ref _assertIsDue, 0);
        if (_networks.Count == 0)
            return; // released
        try
        {
            AssertRules();
            _trouble($"somebody changed the table '{_options.Bridge}' of the packet filter: it is as it was again");
        }
        catch (LinuxException failure)
        {
            _trouble($"somebody changed the table '{_options.Bridge}' of the packet filter, and it cannot be written again: {failure.Message}");
        }
    }

    private void StopWatching()
    {
        _monitor?.Stop();
        _watching?.Join();
        _monitor?.Dispose();
        _monitor = null;
    }
}
