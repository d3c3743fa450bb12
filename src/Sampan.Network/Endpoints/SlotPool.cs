using System.Security.Cryptography;
using Sampan.Linux;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Processes;

namespace Sampan.Network.Endpoints;

/// <summary>
/// Slots made ahead, so that a start waits neither for a namespace nor for a pair of links. A thread of its own makes new ones, in the
/// gaps that starts leave. Each slot is used once. Any thread may take one.
/// </summary>
internal sealed class SlotPool : IDisposable
{
    // A start needs the processors, and the kernel's one lock for links, for about as long.
    private static readonly TimeSpan s_gap = TimeSpan.FromMilliseconds(25);

    private readonly SafeFd _home;
    private readonly int _mtu;
    private readonly Shortcut? _shortcut;
    private readonly Func<SafeFd>? _source;
    private readonly Action<string> _trouble;
    private readonly AutoResetEvent _wanted = new(initialState: false);
    private readonly ManualResetEventSlim _ending = new();
    private readonly Thread? _thread;

    private readonly Lock _gate = new();
    private readonly Queue<Slot> _paired = new();
    private readonly Queue<Slot> _bare = new();
    private PoolState _state;

    /// <summary>Begins to make slots.</summary>
    /// <param name="home">The host's namespace; it has to outlive the pool.</param>
    /// <param name="size">How many with a pair of links there are to be; half as many without come on top.</param>
    /// <param name="mtu">The largest packet of the links, bytes.</param>
    /// <param name="shortcut">The way past bridges; it has to outlive the pool. Null: there is none.</param>
    /// <param name="source">Makes the namespaces; null: they are the host's root's.</param>
    /// <param name="trouble">Is told that the kernel makes none.</param>
    internal SlotPool(SafeFd home, int size, int mtu, Shortcut? shortcut, Func<SafeFd>? source, Action<string> trouble)
    {
        (_home, _mtu, _shortcut, _source, _trouble) = (home, mtu, shortcut, source, trouble);
        _state = new PoolState { Size = size, BareSize = (size + 1) / 2 };
        if (size > 0)
            _thread = OwnThread.Start("network slots", Run);
    }

    /// <summary>How many there are.</summary>
    internal PoolState State
    {
        get
        {
            lock (_gate)
                return _state with { Ready = _paired.Count, BareReady = _bare.Count };
        }
    }

    /// <summary>A slot, the caller's from now on; null: there is none just now.</summary>
    /// <param name="paired">With a pair of links.</param>
    internal Slot? Take(bool paired)
    {
        Slot? slot;
        lock (_gate)
        {
            _ = (paired ? _paired : _bare).TryDequeue(out slot);
            _state = slot is null ? _state with { Missed = _state.Missed + 1 } : _state with { Taken = _state.Taken + 1 };
        }

        _wanted.Set();
        return slot;
    }

    /// <summary>Ends the thread and lets go of the slots.</summary>
    public void Dispose()
    {
        if (_ending.IsSet)
            return;
        _ending.Set();
        _wanted.Set();
        _thread?.Join();
        lock (_gate)
        {
            foreach (var slot in _paired.Concat(_bare))
                slot.Dispose();
            _paired.Clear();
            _bare.Clear();
        }
    }

    private void Run()
    {
        FailPoint.StandAside();
        try
        {
            NetworkNamespace.Enter(_home);
            using var host = RouteSocket.Open();
            while (!_ending.IsSet)
            {
                Fill(host);
                _wanted.WaitOne();
                if (!IsLow)
                    _ending.Wait(s_gap);
            }
        }
        catch (LinuxException refused)
        {
            _trouble($"no network namespaces are made ahead: {refused.Message}");
        }
    }

    /// <summary>Makes what lacks. A kernel that refuses is asked again after the next start.</summary>
    private void Fill(RouteSocket host)
    {
        try
        {
            while (!_ending.IsSet && Lacking is { } paired)
            {
                var slot = paired ? Slot.Make(_home, _source, host, NewLinkName(), _mtu, _shortcut) : Slot.Make(_home, _source);
                lock (_gate)
                    (paired ? _paired : _bare).Enqueue(slot);
            }
        }
        catch (LinuxException refused) when (refused.Errno == Errno.EEXIST)
        {
            _wanted.Set(); // the name of somebody's link, once in a quarter of a billion times
        }
        catch (Exception refused) when (refused is LinuxException or NetworkException)
        {
            _trouble($"cannot make a network namespace ahead: {refused.Message}");
        }
    }

    private bool? Lacking
    {
        get
        {
            lock (_gate)
                return _paired.Count < _state.Size ? true : _bare.Count < _state.BareSize ? false : null;
        }
    }

    private bool IsLow
    {
        get
        {
            lock (_gate)
                return _paired.Count * 2 < _state.Size;
        }
    }

    internal static string NewLinkName() => NetworkService.LinkPrefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NetworkService.LinkIdLength))[..NetworkService.LinkIdLength];
}
