using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Sampan.Oci.Images;

namespace Sampan.Storage.Distribution;

/// <summary>Sending blobs and manifests.</summary>
internal sealed partial class RegistryClient
{
    // A registry that refuses a large request gets the rest in pieces.
    private const long PieceBytes = 8 * 1024 * 1024;

    private IReadOnlyList<string> PushScope => [$"{Endpoint.ResourceClass}:{Endpoint.Repository}:pull,push"];

    /// <summary>True if the repository has the blob.</summary>
    internal Task<bool> HasBlobAsync(Digest digest, CancellationToken ct) => Retry.RunAsync(
        async () =>
        {
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Head, Endpoint.Of($"blobs/{digest}")), PushScope, guard);
            if (answer.StatusCode == HttpStatusCode.NotFound)
                return false;
            return answer.IsSuccessStatusCode ? true : throw await session.RefusalAsync(answer, guard);
        },
        progressed: null,
        ct);

    /// <summary>Lets the repository have a blob of another one of the same registry.</summary>
    /// <returns>True: it has it. False: it does not, or the registry does not do that.</returns>
    internal async Task<bool> MountAsync(Digest digest, string from, CancellationToken ct)
    {
        try
        {
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(
                () => new HttpRequestMessage(HttpMethod.Post, Endpoint.Of($"blobs/uploads/?mount={Uri.EscapeDataString(digest.ToString())}&from={Uri.EscapeDataString(from)}")),
                [.. PushScope, $"repository:{from}:pull"],
                guard);
            if (answer.StatusCode == HttpStatusCode.Created)
                return true;
            // It opened an upload instead, which nobody will use.
            if (answer.StatusCode == HttpStatusCode.Accepted)
                await CancelAsync(Location(answer), ct);
            return false;
        }
        catch (RegistryException refusal) when (refusal.IsRefusal)
        {
            // The user may not read there: then it is sent.
            return false;
        }
    }

    /// <summary>
    /// Sends a blob: (1) open an upload (2) send pieces, if it was interrupted or the registry takes no large request (3) close it with the
    /// digest and all that was not sent yet: in one request a registry hashes and flushes once. A failure that may pass is followed by the
    /// question how much arrived, and by the rest.
    /// </summary>
    /// <param name="digest">Which.</param>
    /// <param name="path">The file with its bytes.</param>
    /// <param name="size">How many.</param>
    /// <param name="meter">Told what was sent.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task UploadAsync(Digest digest, string path, long size, TransferMeter meter, CancellationToken ct)
    {
        var upload = new Upload(digest, path, size, meter);
        await Retry.RunAsync(
            async () =>
            {
                if (upload.Location is null)
                    await OpenUploadAsync(upload, ct); // 1
                else if (upload.IsInDoubt)
                    await AskAsync(upload, ct);
                while (upload.Sent < size && (upload.Sent > 0 || upload.PieceBytes < size))
                    await SendPieceAsync(upload, ct); // 2
                await CloseAsync(upload, ct); // 3
                return true;
            },
            () => upload.TakeProgress(),
            ct);
    }

    /// <summary>Names a manifest.</summary>
    /// <param name="reference">A tag or the manifest's digest.</param>
    /// <param name="document">The manifest.</param>
    /// <param name="ct">Gives up.</param>
    internal async Task PutManifestAsync(string reference, RegistryDocument document, CancellationToken ct)
    {
        var keepsReferrers = await PutAsync(reference, document, ct);
        if (!keepsReferrers && SubjectOf(document) is { } about)
            await AddReferrerAsync(about.Subject, about.Manifest, document, ct);
    }

    // True if the registry knows what the manifest is about.
    private Task<bool> PutAsync(string reference, RegistryDocument document, CancellationToken ct) => Retry.RunAsync(
        async () =>
        {
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(
                () =>
                {
                    var content = new ByteArrayContent(document.Content);
                    content.Headers.ContentType = new MediaTypeHeaderValue(document.Descriptor.MediaType ?? MediaTypes.OciManifest);
                    return new HttpRequestMessage(HttpMethod.Put, Endpoint.Of($"manifests/{reference}")) { Content = content };
                },
                PushScope,
                guard);
            if (!answer.IsSuccessStatusCode)
                throw await session.RefusalAsync(answer, guard);
            if (answer.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First(), out var told) && told != document.Descriptor.Digest)
                throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' stored manifest '{document.Descriptor.Digest}' as '{told}'");
            return answer.Headers.Contains(SubjectHeader);
        },
        progressed: null,
        ct);

    private async Task OpenUploadAsync(Upload upload, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Post, Endpoint.Of("blobs/uploads/")), PushScope, guard);
        if (answer.StatusCode != HttpStatusCode.Accepted)
            throw await session.RefusalAsync(answer, guard);
        (upload.Location, upload.Sent, upload.IsInDoubt) = (Location(answer), 0, false);
    }

    private async Task SendPieceAsync(Upload upload, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        var (first, length) = (upload.Sent, Math.Min(upload.PieceBytes, upload.Size - upload.Sent));
        upload.IsInDoubt = true;
        using var answer = await session.SendAsync(
            () =>
            {
                var content = new FilePartContent(upload.Path, first, length, guard, upload.Meter);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                // The specification's form: no unit, no total.
                content.Headers.TryAddWithoutValidation("Content-Range", string.Create(CultureInfo.InvariantCulture, $"{first}-{first + length - 1}"));
                return new HttpRequestMessage(HttpMethod.Patch, upload.Location) { Content = content };
            },
            PushScope,
            guard);
        if (answer.StatusCode == HttpStatusCode.RequestEntityTooLarge && length > PieceBytes)
            throw TooLarge(upload, length);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            throw new RegistryException(StorageError.Unavailable, $"registry '{Endpoint.Host}' has another idea of how much of '{upload.Digest}' arrived") { IsTransient = true };
        if (!answer.IsSuccessStatusCode)
            throw await ForgetAsync(upload, answer, guard);
        (upload.Location, upload.Sent, upload.IsInDoubt) = (Location(answer), first + length, false);
    }

    private async Task CloseAsync(Upload upload, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        var rest = upload.Size - upload.Sent;
        upload.IsInDoubt = true;
        using var answer = await session.SendAsync(
            () =>
            {
                var content = new FilePartContent(upload.Path, upload.Sent, rest, guard, upload.Meter);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
                var location = upload.Location?.AbsoluteUri ?? "";
                return new HttpRequestMessage(HttpMethod.Put, $"{location}{(location.Contains('?') ? '&' : '?')}digest={Uri.EscapeDataString(upload.Digest.ToString())}") { Content = content };
            },
            PushScope,
            guard);
        if (answer.StatusCode == HttpStatusCode.RequestEntityTooLarge && rest > PieceBytes)
            throw TooLarge(upload, rest);
        if (!answer.IsSuccessStatusCode)
            throw await ForgetAsync(upload, answer, guard);
    }

    private RegistryException TooLarge(Upload upload, long length)
    {
        upload.PieceBytes = PieceBytes;
        return new RegistryException(StorageError.Unavailable, $"registry '{Endpoint.Host}' takes no request of {length} bytes") { IsTransient = true };
    }

    // How much arrived of what was sent when the connection broke?
    private async Task AskAsync(Upload upload, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, upload.Location), PushScope, guard);
        // What was lost goes in pieces: some keep only whole requests, and a proxy that takes no large one may hang up instead of answering 413.
        upload.PieceBytes = PieceBytes;
        if (!answer.IsSuccessStatusCode)
        {
            upload.Location = null;
            await OpenUploadAsync(upload, ct);
            return;
        }
        // Range: 0-1023; some write bytes=0-1023. Without one, nothing arrived.
        var range = answer.Headers.TryGetValues("Range", out var values) ? values.First() : "";
        var last = range[(range.IndexOf('-') + 1)..];
        var arrived = range.Length > 0 && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number + 1 : 0;
        if (arrived > upload.Size)
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' has {arrived} bytes of '{upload.Digest}', which has {upload.Size}");
        (upload.Location, upload.Sent, upload.IsInDoubt) = (Location(answer), arrived, false);
        upload.Meter.Set(arrived);
    }

    private async Task<RegistryException> ForgetAsync(Upload upload, HttpResponseMessage answer, StallGuard guard)
    {
        var refusal = await session.RefusalAsync(answer, guard);
        if (!refusal.IsTransient && refusal.Code is "BLOB_UPLOAD_UNKNOWN" or "BLOB_UPLOAD_INVALID")
        {
            // The registry forgot the upload: a new one from the beginning.
            upload.Location = null;
            return new RegistryException(refusal.Kind, refusal.Message, refusal) { Status = refusal.Status, Code = refusal.Code, IsTransient = true };
        }
        return refusal;
    }

    private async Task CancelAsync(Uri location, CancellationToken ct)
    {
        try
        {
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, location), PushScope, guard);
        }
        catch (RegistryException)
        {
            // It forgets by itself after a while.
        }
    }

    // Where the upload goes on: below the same host, or wherever the registry wants it, then without credentials.
    private Uri Location(HttpResponseMessage answer)
    {
        var target = answer.RequestMessage?.RequestUri ?? Endpoint.Base;
        if (answer.Headers.Location is not { } location || !Uri.TryCreate(target, location, out var next) || next.Scheme is not ("http" or "https"))
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' does not say where an upload goes on");
        if (next.Scheme == target.Scheme || target.Scheme == "http")
            return next;
        // A registry that does not know of the proxy before it, which speaks TLS.
        return next.Host == target.Host
            ? new UriBuilder(next) { Scheme = target.Scheme, Port = target.Port }.Uri
            : throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' sends an upload to '{next.Authority}' without TLS: refused");
    }

    private sealed class Upload(Digest digest, string path, long size, TransferMeter meter)
    {
        private long _told;

        internal Digest Digest => digest;

        internal string Path => path;

        internal long Size => size;

        internal TransferMeter Meter => meter;

        internal long PieceBytes { get; set; } = long.MaxValue;

        internal Uri? Location { get; set; }

        /// <summary>Bytes that the registry has.</summary>
        internal long Sent { get; set; }

        /// <summary>True if the registry has to be asked how many it has.</summary>
        internal bool IsInDoubt { get; set; }

        /// <summary>True if something arrived since the last time.</summary>
        internal bool TakeProgress()
        {
            var moved = Sent > _told;
            _told = Sent;
            return moved;
        }
    }
}
