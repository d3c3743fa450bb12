using System.Net;

namespace Sampan.Network.Addresses;

/// <summary>
/// The addresses of one subnet: which are taken, and which is next. Addresses are handed out in order and a freed one is
/// not used again before the others: the kernel takes down a dead container's link on its own time, and neighbours
/// remember it. The endpoints' records are the persistent form; this is filled from them.
/// </summary>
internal sealed class AddressPool
{
    private readonly Subnet _subnet;
    private readonly string _networkName;
    private readonly HashSet<uint> _taken = [];
    private uint _last;

    internal AddressPool(Subnet subnet, IPAddress gateway, string networkName)
    {
        _subnet = subnet;
        _networkName = networkName;
        _taken.Add(subnet.NumberOf(gateway));
    }

    /// <summary>Takes the next free address.</summary>
    /// <exception cref="NetworkException"><see cref="NetworkError.Exhausted"/>.</exception>
    internal IPAddress TakeNext()
    {
        for (uint tried = 0; tried < _subnet.HostCount; tried++)
        {
            _last = _last >= _subnet.HostCount ? 1 : _last + 1;
            if (_taken.Add(_last))
                return _subnet.Host(_last);
        }

        throw new NetworkException(
            NetworkError.Exhausted,
            $"no address is left in subnet '{_subnet}' of network '{_networkName}': remove containers or choose a larger subnet");
    }

    /// <summary>Takes a certain address.</summary>
    /// <exception cref="NetworkException"><see cref="NetworkError.InvalidInput"/> outside the subnet, <see cref="NetworkError.Conflict"/> if it is taken.</exception>
    internal void Take(IPAddress address)
    {
        if (!_subnet.Contains(address) || address.Equals(_subnet.Network) || address.Equals(_subnet.Broadcast))
            throw new NetworkException(NetworkError.InvalidInput, $"the address '{address}' is not one for a host in subnet '{_subnet}' of network '{_networkName}'");
        if (!_taken.Add(_subnet.NumberOf(address)))
            throw new NetworkException(NetworkError.Conflict, $"address already in use: '{address}' on network '{_networkName}'");
    }

    /// <summary>Takes an address found in a record, and goes on behind it.</summary>
    internal void Restore(IPAddress address)
    {
        if (!_subnet.Contains(address))
            return; // the subnet was changed by the daemon's options since; it cannot collide
        _taken.Add(_subnet.NumberOf(address));
        _last = Math.Max(_last, _subnet.NumberOf(address));
    }

    internal void Free(IPAddress address)
    {
        if (_subnet.Contains(address))
            _taken.Remove(_subnet.NumberOf(address));
    }
}
