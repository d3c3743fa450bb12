using Sampan.Oci.Images;

namespace Sampan.Storage.Images.Explanations;

/// <summary>One line of <c>docker history</c>.</summary>
/// <param name="Id">The image at that step, or null if it is not in the store ("&lt;missing&gt;").</param>
/// <param name="Step">What the configuration says about the step.</param>
/// <param name="Size">Bytes that the step's layer holds; 0 if it made none.</param>
/// <param name="Tags">Names of that image, in familiar form.</param>
public sealed record ImageHistoryLine(Digest? Id, HistoryEntry Step, long Size, IReadOnlyList<string> Tags);
