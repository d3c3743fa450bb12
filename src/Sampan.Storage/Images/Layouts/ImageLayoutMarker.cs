namespace Sampan.Storage.Images.Layouts;

/// <summary>The file <c>oci-layout</c> of an OCI layout.</summary>
/// <param name="ImageLayoutVersion">Always 1.0.0.</param>
internal sealed record ImageLayoutMarker(string ImageLayoutVersion);
