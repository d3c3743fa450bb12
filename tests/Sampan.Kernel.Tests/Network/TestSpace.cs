using System.Runtime.ExceptionServices;
using Sampan.Linux.Netlink;
using Sampan.Linux.Netlink.Nftables;
using Sampan.Linux.Netlink.Route;
using Sampan.Linux.Proc;

namespace Sampan.Kernel.Tests.Network;

/// <summary>A network namespace for a test to play in: "the host", or a machine beside it.</summary>
internal sealed class TestSpace : IDisposable
{
    private TestSpace(string path) => Path = path;

    internal string Path { get; }

    internal static TestSpace Make(string name)
    {
        if (!Environment.IsPrivilegedProcess)
            Assert.Skip("needs root: network namespaces are made");
        var path = System.IO.Path.Combine(Directory.CreateTempSubdirectory("sampan-space-").FullName, name);
        OnThread(() =>
        {
            NetworkNamespace.Make();
            using var route = RouteSocket.Open();
            route.Commit(new RouteBatch().SetUp("lo"));
            Sysctl.Write("net/ipv4/ip_forward", "0"); // a new namespace starts with what the machine's first one has
            NetworkNamespace.Keep(path);
            return true;
        });
        return new TestSpace(path);
    }

    /// <summary>Runs something on a thread of its own inside.</summary>
    internal T Run<T>(Func<T> act) => RunAt(Path, act);

    internal void Run(Action act) => Run(() =>
    {
        act();
        return true;
    });

    internal static T RunAt<T>(string path, Func<T> act) => OnThread(() =>
    {
        using var space = NetworkNamespace.Open(path);
        NetworkNamespace.Enter(space);
        return act();
    });

    internal IReadOnlyList<Link> Links() => Run(() =>
    {
        using var route = RouteSocket.Open();
        return route.Links();
    });

    internal IReadOnlyList<string> Tables() => Run(() =>
    {
        using var nft = NftSocket.Open();
        return nft.Tables();
    });

    internal int Elements(string table, string map) => Run(() =>
    {
        using var nft = NftSocket.Open();
        return nft.CountElements(table, map);
    });

    public void Dispose()
    {
        NetworkNamespace.Drop(Path);
        if (System.IO.Path.GetDirectoryName(Path) is { } directory)
            Directory.Delete(directory);
    }

    private static T OnThread<T>(Func<T> act)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = act();
            }
            catch (Exception caught)
            {
                failure = ExceptionDispatchInfo.Capture(caught);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result ?? throw new InvalidOperationException("the thread gave no result");
    }
}
