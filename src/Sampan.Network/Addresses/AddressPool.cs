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
    private readonly HashSet<UInt128> _taken = [];
    private readonly UInt128 _first;
    private readonly UInt128 _end;
    private UInt128 _last;

    /// <param name="subnet">The subnet.</param>
    /// <param name="gateway">The host's address in it.</param>
    /// <param name="networkName">For messages.</param>
    /// <param name="range">The part of it from which the next address is taken; null: all of it.</param>
    /// <param name="auxiliary">Addresses that are taken.</param>
    internal AddressPool(Subnet subnet, IPAddress gateway, string networkName, Subnet? range = null, IReadOnlyCollection<IPAddress>? auxiliary = null)
    {
        _subnet = subnet;
        _networkName = networkName;
        _taken.Add(subnet.NumberOf(gateway));
        foreach (var address in auxiliary ?? [])
            _taken.Add(subnet.NumberOf(address));

        // The first and the last address of the range are hosts' unless they are the subnet's own.
        _first = UInt128.Max(1, subnet.NumberOf(range?.Network ?? subnet.Network));
        _end = UInt128.Min(subnet.HostCount, subnet.NumberOf(range?.Broadcast ?? subnet.Broadcast));
        _last = _first - 1;
    }

    /// <summary>Takes the next free address.</summary>
    /// <exception cref="NetworkException"><see cref="NetworkError.Exhausted"/>.</exception>
    internal IPAddress TakeNext()
    {
        for (var tried = _first; tried <= _end; tried++)
        {
            _last = _last >= _end || _last < _first - 1 ? _first : _last + 1;
            if (_taken.Add(_last))
                return _subnet.Host(_last);
        }

        throw new NetworkException(
            NetworkError.Exhausted,
            $"no address is left in subnet '{_subnet}' of network '{_networkName}': remove containers or choose a larger subnet");
    }

    /// <summary>Takes the last free address, where containers come last.</summary>
    /// <exception cref="NetworkException"><see cref="NetworkError.Exhausted"/>.</exception>
    internal IPAddress TakeLast()
    {
        for (var tried = _end; tried >= _first && tried > 0; tried--)
        {
            if (_taken.Add(tried))
                return _subnet.Host(tried);
        }

        throw new NetworkException(
            NetworkError.Exhausted,
            $"no address is left in subnet '{_subnet}' of network '{_networkName}' for a service: remove containers or choose a larger subnet");
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
        var number = _subnet.NumberOf(address);
        _taken.Add(number);
        if (number >= _first && number <= _end)
            _last = UInt128.Max(_last, number);
    }

    /// <summary>Takes an address found in a service's record; who comes next is another matter.</summary>
    internal void Keep(IPAddress address)
    {
        if (_subnet.Contains(address))
            _taken.Add(_subnet.NumberOf(address));
    }

    internal void Free(IPAddress address)
    {
        if (_subnet.Contains(address))
            _taken.Remove(_subnet.NumberOf(address));
    }
}
