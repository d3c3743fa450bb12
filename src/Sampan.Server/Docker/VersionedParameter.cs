using Sampan.DockerApi;

namespace Sampan.Server.Docker;

/// <summary>One row of <see cref="ApiVersionShims.Parameters"/>.</summary>
/// <param name="Method">The endpoint's method.</param>
/// <param name="Template">The endpoint's path.</param>
/// <param name="Name">The query parameter.</param>
/// <param name="Since">The first version that knows it; null: all did.</param>
/// <param name="Below">The first version that no longer does; null: all do.</param>
internal sealed record VersionedParameter(string Method, string Template, string Name, ApiVersion? Since = null, ApiVersion? Below = null);
