using System.Net;
using Sampan.Storage.Content;

namespace Sampan.Storage.Distribution;

/// <summary>
/// Fetches one layer: (1) what is there of it from an earlier try (2) the missing spans, several at a time if the blob is large and the
/// registry gives parts (3) the digest. What arrived stays when it fails for a reason that may pass.
/// </summary>
internal sealed class BlobDownload(RegistryClient client, PartialBlob blob, TransferMeter meter)
{
    private const int BufferBytes = 256 * 1024;

    private volatile bool _wholeOnly;

    /// <summary>Runs it; afterwards the blob is complete and verified.</summary>
    /// <exception cref="RegistryException">The registry failed (what arrived stays), or lied (nothing stays).</exception>
    internal async Task RunAsync(CancellationToken ct)
    {
        try
        {
            await FetchAsync(ct);
            var digest = blob.Verify(ct);
            if (digest != blob.Digest && blob.IsResumed)
            {
                // What an earlier daemon left was torn, by a power cut perhaps: once more from the beginning.
                blob.Restart();
                await FetchAsync(ct);
                digest = blob.Verify(ct);
            }
            if (digest != blob.Digest)
                throw new RegistryException(StorageError.Corrupt, $"registry '{client.Endpoint.Host}' sent something else as layer '{blob.Digest}': its digest is '{digest}'");
        }
        catch (RegistryException failure) when (failure.Kind is StorageError.Corrupt or StorageError.InvalidInput)
        {
            blob.Discard();
            throw;
        }
        catch (StorageException)
        {
            // What takes room that is not there must not stay.
            blob.Discard();
            throw;
        }
    }

    private async Task FetchAsync(CancellationToken ct)
    {
        meter.Set(blob.Done);
        if (blob.Spans.Count == 1 || _wholeOnly)
        {
            await FetchInOrderAsync(ct);
            return;
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var fetching = blob.Spans.Where(span => !span.IsComplete).Select(span => Task.Run(() => FetchSpanAsync(span, stop.Token), CancellationToken.None)).ToList();
        try
        {
            while (fetching.Count > 0)
            {
                var done = await Task.WhenAny(fetching);
                fetching.Remove(done);
                await done;
            }
        }
        catch
        {
            await stop.CancelAsync();
            await Task.WhenAll(fetching).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_wholeOnly || ct.IsCancellationRequested)
                throw;
        }
        if (_wholeOnly && !blob.IsComplete)
            await FetchInOrderAsync(ct);
    }

    // One request after the other, for one span if there is only one, else for the whole.
    private async Task FetchInOrderAsync(CancellationToken ct)
    {
        foreach (var span in blob.Spans.Where(span => !span.IsComplete || blob.Size == 0))
            await FetchSpanAsync(span, ct);
    }

    private async Task FetchSpanAsync(PartialSpan span, CancellationToken ct)
    {
        var before = blob.Done;
        await client.Retry.RunAsync(
            async () =>
            {
                await FetchOnceAsync(span, ct);
                return true;
            },
            () =>
            {
                var moved = blob.Done > before;
                before = blob.Done;
                return moved;
            },
            ct);
    }

    private async Task FetchOnceAsync(PartialSpan span, CancellationToken ct)
    {
        using var guard = client.Guard(ct);
        var wantsAll = _wholeOnly || (span.At == 0 && span.End == blob.Size);
        using var answer = await client.OpenBlobAsync(blob.Digest, wantsAll ? null : (span.At, span.End - 1), guard);
        var isPart = answer.StatusCode == HttpStatusCode.PartialContent;
        Check(answer, span, wantsAll, isPart);
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(guard.Token);
            if (isPart)
                await CopyPartAsync(stream, span, guard);
            else
                await CopyWholeAsync(stream, guard);
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(client.Endpoint.Host, client.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost))
        {
            throw RegistryFailures.From(lost, client.Endpoint.Host);
        }
    }

    private void Check(HttpResponseMessage answer, PartialSpan span, bool wantsAll, bool isPart)
    {
        if (isPart)
        {
            var range = answer.Content.Headers.ContentRange;
            if (wantsAll || range?.From != span.At || (range.Length is { } total && total != blob.Size) || range.To > span.End - 1)
                throw Lie($"it answered '{range}' to a request for bytes {span.At}-{span.End - 1} of {blob.Size}");
            return;
        }
        if (answer.Content.Headers.ContentLength is { } told && told != blob.Size)
            throw Lie($"it has {told} bytes, the manifest says {blob.Size}");
        if (wantsAll || blob.Spans.Count == 1)
            return;
        // It gives no parts: one request for all, the others end.
        _wholeOnly = true;
        throw new RegistryException(StorageError.NotSupported, $"registry '{client.Endpoint.Host}' gives no parts of blobs");
    }

    private async Task CopyPartAsync(Stream stream, PartialSpan span, StallGuard guard)
    {
        var buffer = new byte[BufferBytes];
        for (int read; (read = await stream.ReadAsync(buffer, guard.Token)) > 0;)
        {
            guard.Touch();
            if (read > span.End - span.At)
                throw Lie($"its bytes {span.Start}-{span.End - 1} are more than that");
            Store(span, buffer.AsSpan(0, read));
        }
        if (!span.IsComplete)
            throw BrokenOff(span.At);
    }

    // All bytes from the first on; those that are there already are passed over.
    private async Task CopyWholeAsync(Stream stream, StallGuard guard)
    {
        var buffer = new byte[BufferBytes];
        long position = 0;
        for (int read; (read = await stream.ReadAsync(buffer, guard.Token)) > 0;)
        {
            guard.Touch();
            if (read > blob.Size - position)
                throw Lie($"it has more than the {blob.Size} bytes that the manifest says");
            for (var used = 0; used < read;)
            {
                var span = blob.Spans.First(span => position < span.End);
                var length = (int)Math.Min(read - used, (position < span.At ? span.At : span.End) - position);
                if (position == span.At)
                    Store(span, buffer.AsSpan(used, length));
                used += length;
                position += length;
            }
        }
        if (position < blob.Size)
            throw BrokenOff(position);
    }

    private void Store(PartialSpan span, ReadOnlySpan<byte> bytes)
    {
        try
        {
            blob.Write(span, bytes);
        }
        catch (IOException full)
        {
            // The disk, not the network.
            throw new StorageException(DiskRefusal.Is(full) ? StorageError.Refused : StorageError.Unavailable, $"cannot store layer '{blob.Digest}': {full.Message.TrimEnd('.')}", full);
        }
        meter.Add(bytes.Length);
    }

    private RegistryException BrokenOff(long at) =>
        new(StorageError.Unavailable, $"registry '{client.Endpoint.Host}' broke off layer '{blob.Digest}' at byte {at} of {blob.Size}") { IsTransient = true };

    private RegistryException Lie(string what) => new(StorageError.Corrupt, $"layer '{blob.Digest}' of registry '{client.Endpoint.Host}' is not what its manifest says: {what}");
}
