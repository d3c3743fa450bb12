using System.Globalization;
using Microsoft.AspNetCore.Http;
using Sampan.Storage;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>Blobs on their way in: in one request, in one after another was asked for the way, or in pieces.</summary>
internal static class UploadEndpoints
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary><c>POST /v2/NAME/blobs/uploads/</c>: begins an upload, mounts a blob of another repository, or brings a whole one.</summary>
    internal static async Task BeginAsync(RegistryContent content, RegistryExchange exchange)
    {
        content.RequireWrites(exchange.Name);
        if (exchange.Query("mount") is { } mount && TryMount(content, exchange, RegistryExchange.ParseDigest(mount)))
            return;
        var algorithm = exchange.Query("digest-algorithm");
        if (algorithm is not null && !ContentDigest.IsAlgorithm(algorithm))
            throw new RegistryRefusalException(RefusalCode.DigestInvalid, $"digest algorithm '{algorithm}' is not supported: want sha256 or sha512");
        ContentDigest? digest = exchange.Query("digest") is { } text ? RegistryExchange.ParseDigest(text) : null;
        var upload = content.Store.BeginUpload(exchange.Name, exchange.User, digest?.Algorithm ?? algorithm);
        if (digest is { } whole)
            await WithAsync(exchange, upload, () => FinishAsync(content, exchange, upload, whole, endsIt: true)).ConfigureAwait(false);
        else
            Tell(exchange, upload, StatusCodes.Status202Accepted);
    }

    /// <summary><c>PATCH</c>: the next bytes.</summary>
    internal static Task AppendAsync(RegistryContent content, RegistryExchange exchange)
    {
        var upload = Find(content, exchange);
        return WithAsync(exchange, upload, async () =>
        {
            await ReceiveAsync(content, exchange, upload).ConfigureAwait(false);
            Tell(exchange, upload, StatusCodes.Status202Accepted);
        });
    }

    /// <summary><c>PUT</c>: the last bytes, if any are missing, and the digest of all.</summary>
    internal static Task CloseAsync(RegistryContent content, RegistryExchange exchange)
    {
        var digest = exchange.Query("digest") is { } text
            ? RegistryExchange.ParseDigest(text)
            : throw new RegistryRefusalException(RefusalCode.DigestInvalid, "the request that ends an upload needs the parameter 'digest'");
        var upload = Find(content, exchange);
        return WithAsync(exchange, upload, () => FinishAsync(content, exchange, upload, digest, endsIt: false));
    }

    /// <summary><c>GET</c>: how far it is.</summary>
    internal static Task StatusAsync(RegistryContent content, RegistryExchange exchange)
    {
        Tell(exchange, Find(content, exchange), StatusCodes.Status204NoContent);
        return Task.CompletedTask;
    }

    /// <summary><c>DELETE</c>: gives it up.</summary>
    internal static Task CancelAsync(RegistryContent content, RegistryExchange exchange)
    {
        var upload = Find(content, exchange);
        return WithAsync(exchange, upload, () =>
        {
            content.Store.CancelUpload(upload);
            exchange.End(StatusCodes.Status204NoContent);
            return Task.CompletedTask;
        });
    }

    private static bool TryMount(RegistryContent content, RegistryExchange exchange, ContentDigest digest)
    {
        // Without "from" a registry would have to tell of blobs that the client may not know of: it is asked to send it.
        if (exchange.Query("from") is not { } text)
            return false;
        if (!RepositoryName.TryParse(text, out var from))
            throw new RegistryRefusalException(RefusalCode.NameInvalid, $"invalid repository name '{text}' to mount from");
        if (!content.Store.MountBlob(exchange.Name, from, digest))
            return false;
        Created(exchange, digest);
        return true;
    }

    private static async Task FinishAsync(RegistryContent content, RegistryExchange exchange, UploadSession upload, ContentDigest digest, bool endsIt)
    {
        try
        {
            await ReceiveAsync(content, exchange, upload).ConfigureAwait(false);
            content.Store.FinishUpload(upload, digest, exchange.Aborted);
            Created(exchange, digest);
        }
        catch when (endsIt && !upload.IsOver)
        {
            // Its client never got to know its address.
            content.Store.CancelUpload(upload);
            throw;
        }
    }

    // What arrives before a connection breaks stays: the client asks how far it is, and goes on.
    private static async Task ReceiveAsync(RegistryContent content, RegistryExchange exchange, UploadSession upload)
    {
        var before = upload.Length;
        var limit = content.Store.Options.BlobMaxBytes - before;
        long? announced = null;
        if (exchange.Sent.ContentRange is { Count: > 0 } header)
        {
            if (!TryParse(header.ToString(), out var first, out var last) || (exchange.SentLength is { } length && length != last - first + 1))
                throw new RegistryRefusalException(RefusalCode.SizeInvalid, $"invalid Content-Range '{header}' of a request of {exchange.SentLength} bytes: want FIRST-LAST");
            if (first != before)
            {
                Tell(exchange, upload, StatusCodes.Status416RangeNotSatisfiable);
                throw new RegistryRefusalException(RefusalCode.RangeInvalid, $"the upload goes on at byte {before}, not at {first}");
            }
            announced = last - first + 1;
        }
        if (exchange.SentLength > limit)
            throw TooLarge(content);
        try
        {
            if (!await exchange.ReadIntoAsync(upload, Math.Min(limit, announced ?? long.MaxValue)).ConfigureAwait(false))
            {
                upload.TruncateTo(before);
                throw announced is null ? TooLarge(content) : new RegistryRefusalException(RefusalCode.SizeInvalid, $"more bytes came than the {announced} of the Content-Range");
            }
        }
        catch (StorageException)
        {
            // The disk: what takes room that is not there must not stay.
            content.Store.CancelUpload(upload);
            throw;
        }
        if (announced is { } count && upload.Length - before != count)
        {
            var arrived = upload.Length - before;
            upload.TruncateTo(before);
            throw new RegistryRefusalException(RefusalCode.SizeInvalid, $"{arrived} bytes came, {count} were announced by the Content-Range");
        }
    }

    private static RegistryRefusalException TooLarge(RegistryContent content) =>
        new(RefusalCode.SizeInvalid, $"a blob of this registry has at most {content.Store.Options.BlobMaxBytes} bytes");

    private static async Task WithAsync(RegistryExchange exchange, UploadSession upload, Func<Task> work)
    {
        if (!await upload.TryEnterAsync(s_patience, exchange.Aborted).ConfigureAwait(false))
            throw new RegistryRefusalException(RefusalCode.BlobUploadInvalid, "another request still writes to this upload: ask how far it is, and go on");
        try
        {
            if (upload.IsOver)
                throw Unknown(exchange);
            await work().ConfigureAwait(false);
        }
        finally
        {
            upload.Leave();
        }
    }

    private static UploadSession Find(RegistryContent content, RegistryExchange exchange)
    {
        content.RequireWrites(exchange.Name);
        return content.Store.FindUpload(exchange.Name, exchange.User, exchange.Path.Reference) ?? throw Unknown(exchange);
    }

    private static RegistryRefusalException Unknown(RegistryExchange exchange) =>
        new(RefusalCode.BlobUploadUnknown, $"repository '{exchange.Name}' has no such upload of yours: it ended, expired, or never was");

    // Addresses are relative: what a client says of the host that it asks must not come back to others.
    private static void Tell(RegistryExchange exchange, UploadSession upload, int status)
    {
        exchange.Answer.Location = $"/v2/{upload.Repository}/blobs/uploads/{upload.Id:D}";
        // The position of the last byte; of none, as every registry says it, 0-0.
        exchange.Answer.Range = string.Create(CultureInfo.InvariantCulture, $"0-{Math.Max(0, upload.Length - 1)}");
        exchange.Answer["Docker-Upload-UUID"] = upload.Id.ToString("D");
        exchange.End(status);
    }

    private static void Created(RegistryExchange exchange, ContentDigest digest)
    {
        exchange.Answer.Location = $"/v2/{exchange.Name}/blobs/{digest}";
        exchange.Answer[RegistryExchange.DigestHeader] = digest.ToString();
        exchange.End(StatusCodes.Status201Created);
    }

    private static bool TryParse(string text, out long first, out long last)
    {
        (first, last) = (0, 0);
        var dash = text.IndexOf('-');
        return dash > 0
            && long.TryParse(text.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && long.TryParse(text.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last)
            && last >= first && last < long.MaxValue;
    }
}
