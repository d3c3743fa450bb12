namespace Sampan.Server.Registry;

/// <summary>What a path of the registry's API is about.</summary>
internal enum RegistryResource
{
    /// <summary>Nothing that there is.</summary>
    None,

    /// <summary><c>/v2/</c>: whether this is a registry.</summary>
    Base,

    /// <summary><c>/v2/_catalog</c>.</summary>
    Catalog,

    /// <summary><c>/v2/NAME/tags/list</c>.</summary>
    Tags,

    /// <summary><c>/v2/NAME/manifests/REFERENCE</c>.</summary>
    Manifest,

    /// <summary><c>/v2/NAME/blobs/DIGEST</c>.</summary>
    Blob,

    /// <summary><c>/v2/NAME/blobs/uploads/</c>.</summary>
    Uploads,

    /// <summary><c>/v2/NAME/blobs/uploads/ID</c>.</summary>
    Upload,

    /// <summary><c>/v2/NAME/referrers/DIGEST</c>.</summary>
    Referrers,
}
