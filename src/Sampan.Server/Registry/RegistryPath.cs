namespace Sampan.Server.Registry;

/// <summary>A path of the registry's API, taken apart from its end: a repository may itself be called <c>a/blobs/uploads</c>.</summary>
/// <param name="Resource">What it is about.</param>
/// <param name="Name">The repository as it stands there, unchecked; empty if there is none.</param>
/// <param name="Reference">The tag, digest or id as it stands there, unchecked; empty if there is none.</param>
internal readonly record struct RegistryPath(RegistryResource Resource, string Name, string Reference)
{
    private const string Prefix = "/v2/";

    /// <summary>Reads a decoded path.</summary>
    internal static RegistryPath Parse(string? path)
    {
        if (path is "/v2" or Prefix)
            return new RegistryPath(RegistryResource.Base, "", "");
        if (path is null || !path.StartsWith(Prefix, StringComparison.Ordinal))
            return default;
        var rest = path[Prefix.Length..];
        if (rest == "_catalog")
            return new RegistryPath(RegistryResource.Catalog, "", "");
        if (Cut(rest, "/tags/list") is { } tagged)
            return new RegistryPath(RegistryResource.Tags, tagged, "");
        if ((Cut(rest, "/blobs/uploads/") ?? Cut(rest, "/blobs/uploads")) is { } uploads)
            return new RegistryPath(RegistryResource.Uploads, uploads, "");
        var slash = rest.LastIndexOf('/');
        if (slash < 0 || slash == rest.Length - 1)
            return default;
        var (head, last) = (rest[..slash], rest[(slash + 1)..]);
        if (Cut(head, "/blobs/uploads") is { } upload)
            return new RegistryPath(RegistryResource.Upload, upload, last);
        if (Cut(head, "/manifests") is { } manifest)
            return new RegistryPath(RegistryResource.Manifest, manifest, last);
        if (Cut(head, "/blobs") is { } blob)
            return new RegistryPath(RegistryResource.Blob, blob, last);
        return Cut(head, "/referrers") is { } referrers ? new RegistryPath(RegistryResource.Referrers, referrers, last) : default;
    }

    private static string? Cut(string text, string end) => text.Length > end.Length && text.EndsWith(end, StringComparison.Ordinal) ? text[..^end.Length] : null;
}
