using Sampan.Server.Registry;

namespace Sampan.Server.Tests.Registry;

public sealed class RegistryPathTests
{
    [Theory]
    [InlineData("/v2/", "Base", "", "")]
    [InlineData("/v2", "Base", "", "")]
    [InlineData("/v2/_catalog", "Catalog", "", "")]
    [InlineData("/v2/a/b/tags/list", "Tags", "a/b", "")]
    [InlineData("/v2/a/manifests/v1", "Manifest", "a", "v1")]
    [InlineData("/v2/a/b/blobs/sha256:00", "Blob", "a/b", "sha256:00")]
    [InlineData("/v2/a/blobs/uploads/", "Uploads", "a", "")]
    [InlineData("/v2/a/blobs/uploads", "Uploads", "a", "")]
    [InlineData("/v2/a/blobs/uploads/x", "Upload", "a", "x")]
    [InlineData("/v2/a/referrers/sha256:00", "Referrers", "a", "sha256:00")]
    [InlineData("/v2/a/blobs/uploads/manifests/v1", "Manifest", "a/blobs/uploads", "v1")]
    [InlineData("/v2/a/manifests/b/tags/list", "Tags", "a/manifests/b", "")]
    [InlineData("/v2/manifests/v1", "None", "", "")]
    [InlineData("/v2/a/manifests/", "None", "", "")]
    [InlineData("/v1/a/manifests/v1", "None", "", "")]
    [InlineData("/", "None", "", "")]
    [InlineData("", "None", "", "")]
    [InlineData("/v2//", "None", "", "")]
    public void A_path_is_taken_apart_from_its_end(string path, string resource, string name, string reference)
    {
        var parsed = RegistryPath.Parse(path);
        parsed.Resource.ToString().ShouldBe(resource);
        (parsed.Name ?? "").ShouldBe(name);
        (parsed.Reference ?? "").ShouldBe(reference);
    }

    [Theory]
    [InlineData(null, 0, 100, false)]
    [InlineData("bytes=0-9", 0, 10, true)]
    [InlineData("bytes=90-", 90, 10, true)]
    [InlineData("bytes=-10", 90, 10, true)]
    [InlineData("bytes=-1000", 0, 100, true)]
    [InlineData("bytes=50-1000", 50, 50, true)]
    [InlineData("bytes=9-0", 0, 100, false)]
    [InlineData("bytes=0-1,5-6", 0, 100, false)]
    [InlineData("lines=0-1", 0, 100, false)]
    [InlineData("bytes=-", 0, 100, false)]
    [InlineData("bytes=99999999999999999999-", 0, 100, false)]
    public void A_range_is_read_or_passed_over(string? header, long first, long length, bool isPart) => ByteRange.Parse(header, 100).ShouldBe(new ByteRange(first, length, isPart));

    [Theory]
    [InlineData("bytes=100-", 100)]
    [InlineData("bytes=-0", 100)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-5", 0)]
    public void Bytes_that_are_not_there_are_not_satisfiable(string header, long size) => ByteRange.Parse(header, size).ShouldBeNull();
}
