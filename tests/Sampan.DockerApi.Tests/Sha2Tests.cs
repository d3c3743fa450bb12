using System.Security.Cryptography;
using Sampan.DockerApi.Digests;

namespace Sampan.DockerApi.Tests;

public sealed class Sha2Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")]
    public void Examples_of_the_standard_have_its_digests(string text, string sha256, string sha512)
    {
        Convert.ToHexStringLower(Sha2.Sha256(System.Text.Encoding.ASCII.GetBytes(text))).ShouldBe(sha256);
        Convert.ToHexStringLower(Sha2.Sha512(System.Text.Encoding.ASCII.GetBytes(text))).ShouldBe(sha512);
    }

    [Fact]
    public void Every_length_around_a_block_has_the_digest_that_OpenSSL_gives_it()
    {
        byte[] data = new byte[1000];
        new Random(7).NextBytes(data);
        for (int length = 0; length <= 400; length++)
        {
            Sha2.Sha256(data.AsSpan(0, length)).ShouldBe(SHA256.HashData(data.AsSpan(0, length)));
            Sha2.Sha512(data.AsSpan(0, length)).ShouldBe(SHA512.HashData(data.AsSpan(0, length)));
        }
        Sha2.Sha256(data).ShouldBe(SHA256.HashData(data));
        Sha2.Sha512(data).ShouldBe(SHA512.HashData(data));
    }
}
