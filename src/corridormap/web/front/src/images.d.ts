/* A picture that the bundle holds as a data URI. */
declare module "*.png" {
  const address: string;
  export default address;
}
