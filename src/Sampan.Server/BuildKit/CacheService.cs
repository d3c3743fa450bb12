using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Sampan.Build;
using Sampan.Build.Caching;
using Sampan.BuildKit.Protos.Control;
using Sampan.Engine;
using Sampan.Server.Docker;
using Sampan.Server.Grpc;

namespace Sampan.Server.BuildKit;

/// <summary>What the cache holds, and what of it is removed: <c>buildx du</c>, <c>buildx prune</c>.</summary>
internal sealed class CacheService(DockerDaemon daemon)
{
    private const long NanosecondsPerTick = 100;

    /// <summary>Adds the methods.</summary>
    internal void Map(GrpcMethods methods) => methods
        .Map(BuildKitServices.Control, "DiskUsage", DiskUsageRequest.Parser, DiskUsageAsync)
        .MapStream(BuildKitServices.Control, "Prune", PruneRequest.Parser, PruneAsync);

    private Task<IMessage> DiskUsageAsync(GrpcCall call, DiskUsageRequest request)
    {
        var filter = CacheFilter.Parse(request.Filter);
        var usage = new DiskUsageResponse();
        usage.Record.AddRange(Builder.ListCache().Where(entry => filter.Takes(entry) && IsOld(entry, request.AgeLimit)).Select(ToRecord));
        return Task.FromResult<IMessage>(usage);
    }

    // Without "all" what an image has too stays: it costs nothing.
    private async Task PruneAsync(GrpcCall call, PruneRequest request)
    {
        var filter = CacheFilter.Parse(request.Filter);
        var room = new CacheRoom(Positive(request.ReservedSpace), Positive(request.MaxUsedSpace), Positive(request.MinFreeSpace));
        var before = Builder.ListCache().ToDictionary(entry => entry.Id, StringComparer.Ordinal);
        var (ids, bytes) = Builder.Prune(entry => (request.All || !entry.IsShared) && filter.Takes(entry) && IsOld(entry, request.KeepDuration), room);
        daemon.Engine.Events.Pruned("builder", bytes);
        foreach (var id in ids)
        {
            if (before.TryGetValue(id, out var entry))
                await call.WriteAsync(ToRecord(entry)).ConfigureAwait(false);
        }
    }

    // In nanoseconds.
    private bool IsOld(BuildCacheEntry entry, long age) => age <= 0 || entry.LastUsed <= daemon.Time.GetUtcNow() - TimeSpan.FromTicks(age / NanosecondsPerTick);

    private static UsageRecord ToRecord(BuildCacheEntry entry) => new()
    {
        ID = entry.Id,
        RecordType = entry.Kind,
        Description = entry.Description,
        CreatedAt = Timestamp.FromDateTimeOffset(entry.Created),
        LastUsedAt = Timestamp.FromDateTimeOffset(entry.LastUsed),
        UsageCount = entry.Uses,
        Size = entry.Bytes,
        Shared = entry.IsShared,
        InUse = entry.InUse,
        Mutable = CacheFilter.IsMutable(entry),
    };

    private static long? Positive(long number) => number > 0 ? number : null;

    private Builder Builder => daemon.Builder ?? throw new EngineException(ErrorKind.NotSupported, "building images is not supported by this engine");
}
