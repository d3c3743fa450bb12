using Microsoft.AspNetCore.Http;
using Sampan.Storage.Registry;

namespace Sampan.Server.Registry;

/// <summary>Manifests by tag or digest.</summary>
internal static class ManifestEndpoints
{
    private const int TagsMax = 100;

    /// <summary><c>GET</c> and <c>HEAD /v2/NAME/manifests/REFERENCE</c>.</summary>
    internal static async Task GetAsync(RegistryContent content, RegistryExchange exchange)
    {
        var (name, reference) = (exchange.Name, Reference(exchange));
        var found = await content.FindManifestAsync(name, reference, exchange.Aborted).ConfigureAwait(false);
        using var file = found is null ? null : content.Store.OpenManifest(found);
        if (found is null || file is null)
            throw Unknown(name, reference);
        exchange.Answer[RegistryExchange.DigestHeader] = found.Digest.ToString();
        exchange.Answer.ETag = $"\"{found.Digest}\"";
        if (exchange.Sent.IfNoneMatch.Contains(exchange.Answer.ETag.ToString(), StringComparer.Ordinal))
        {
            exchange.SetStatus(StatusCodes.Status304NotModified, found.MediaType, null);
            return;
        }
        exchange.SetStatus(StatusCodes.Status200OK, found.MediaType, file.Length);
        if (!exchange.IsHead)
            await exchange.CopyAsync(file, 0, file.Length).ConfigureAwait(false);
    }

    /// <summary><c>PUT /v2/NAME/manifests/REFERENCE</c>.</summary>
    internal static async Task PutAsync(RegistryContent content, RegistryExchange exchange)
    {
        content.RequireWrites(exchange.Name);
        var reference = Reference(exchange);
        var tags = reference.Tag is null ? Tags(exchange) : [];
        var limit = content.Store.Options.ManifestMaxBytes;
        var body = await exchange.ReadAsync(limit).ConfigureAwait(false)
            ?? throw new RegistryRefusalException(RefusalCode.ManifestTooLarge, $"a manifest of this registry has at most {limit} bytes");
        var pushed = content.Store.PutManifest(exchange.Name, reference, tags, body, ContentType(exchange));
        exchange.Answer.Location = $"/v2/{exchange.Name}/manifests/{pushed.Digest}";
        exchange.Answer[RegistryExchange.DigestHeader] = pushed.Digest.ToString();
        if (pushed.Subject is { } subject)
            exchange.Answer["OCI-Subject"] = subject.ToString();
        if (tags.Count > 0)
            exchange.Answer["OCI-Tag"] = string.Join(", ", tags);
        exchange.End(StatusCodes.Status201Created);
        content.Tell.Pushed(exchange.Name.Text, reference.ToString(), pushed.Digest.ToString(), exchange.User);
    }

    /// <summary><c>DELETE /v2/NAME/manifests/REFERENCE</c>: a tag, or a manifest with all of its tags.</summary>
    internal static Task DeleteAsync(RegistryContent content, RegistryExchange exchange)
    {
        var (name, reference) = (exchange.Name, Reference(exchange));
        content.RequireDeletes(name);
        if (!(reference.Tag is { } tag ? content.Store.DeleteTag(name, tag) : content.Store.DeleteManifest(name, reference.Digest)))
            throw Unknown(name, reference);
        exchange.End(StatusCodes.Status202Accepted);
        content.Tell.Deleted(name.Text, reference.ToString(), exchange.User);
        return Task.CompletedTask;
    }

    private static ManifestReference Reference(RegistryExchange exchange)
    {
        var text = exchange.Path.Reference;
        if (ManifestReference.TryParse(text, out var reference))
            return reference;
        throw text.Contains(':', StringComparison.Ordinal)
            ? new RegistryRefusalException(RefusalCode.DigestInvalid, $"invalid digest '{text}': want sha256: or sha512: and its lower-case hexadecimal digits")
            : new RegistryRefusalException(RefusalCode.ManifestInvalid, $"invalid tag '{text}': want up to 128 letters, digits, '_', '.' and '-', beginning with a letter, digit or '_'");
    }

    private static IReadOnlyList<string> Tags(RegistryExchange exchange)
    {
        var tags = exchange.QueryAll("tag");
        if (tags.Count > TagsMax)
            throw new RegistryRefusalException(RefusalCode.ManifestInvalid, $"{tags.Count} tags in one request are more than {TagsMax}");
        return tags.FirstOrDefault(tag => !ManifestReference.IsTag(tag)) is { } wrong
            ? throw new RegistryRefusalException(RefusalCode.ManifestInvalid, $"invalid tag '{wrong}'")
            : tags;
    }

    private static string? ContentType(RegistryExchange exchange)
    {
        var type = exchange.Sent.ContentType.ToString();
        var end = type.IndexOf(';');
        var bare = (end < 0 ? type : type[..end]).Trim();
        // What tools send that do not say what it is.
        return bare is "" or "application/json" or "application/octet-stream" or "text/plain" ? null : bare;
    }

    private static RegistryRefusalException Unknown(RepositoryName name, ManifestReference reference) =>
        new(RefusalCode.ManifestUnknown, $"repository '{name}' has no manifest '{reference}'");
}
