using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Sampan.Build.Caching;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;

namespace Sampan.Build.Clients;

/// <summary>Directories of a client's as trees: what did not change since its last build is not sent again.</summary>
internal sealed class ClientContexts(IBuildClient client, KeptContexts kept, string spool, TimeProvider time)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    // A change within the clock's grain would not show.
    private const long Young = 2 * NanosecondsPerSecond;

    /// <summary>A directory as it is now; with the tree goes what was kept of it.</summary>
    /// <param name="directory">The client's name for it.</param>
    /// <param name="follows">Only these; empty: all.</param>
    /// <param name="excludes">Not these.</param>
    /// <param name="isKept">Contents stay for the next build.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task<ClientTree> FetchAsync(string directory, IReadOnlyList<string> follows, IReadOnlyList<string> excludes, bool isKept, CancellationToken ct)
    {
        await using var files = await client.ListAsync(directory, follows, excludes, ct);
        var lease = isKept && client.ContextKey.Length > 0 ? Lease(directory, files.Files) : null;
        try
        {
            using var receiver = new SourceReceiver(files.Files, spool, ArchiveLimits.Default, lease?.Files);
            var bytes = receiver.Wanted.Sum(file => file.Size);
            await files.FetchAsync(receiver, ct);
            return new ClientTree(receiver.Finish(), lease, files.Files.Count, bytes);
        }
        catch
        {
            lease?.Dispose();
            throw;
        }
    }

    private KeptContexts.Lease? Lease(string directory, IReadOnlyList<ReceivedFile> files)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds() * NanosecondsPerSecond;
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{client.ContextKey}\n{client.ContextName}\n{directory}")));
        // Names that are no text stand for nothing: another name's text may look the same.
        var offered = files.Where(file => (file.Mode & 0xf000) == 0x8000 && file.Target.IsEmpty && Utf8.IsValid(file.Path.Span))
            .Select(file => KeyValuePair.Create(Encoding.UTF8.GetString(file.Path.Span), Fingerprint(file, now))).ToList();
        return kept.Offer(key, client.ContextName, offered) is { } offer ? kept.Take(offer.Id) : null;
    }

    // A client says no more of a file than size and time. A whole second was set by a tool, perhaps the same for each version of the file.
    private static string Fingerprint(ReceivedFile file, long now) => file.Modified % NanosecondsPerSecond == 0 || file.Modified > now - Young ? ""
        : string.Create(CultureInfo.InvariantCulture, $"{file.Size}:{file.Modified}:{file.Mode}");
}
